/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "camera.h"

#include <errno.h>
#include <limits>
#include <string.h>
#include <sys/mman.h>

#include <libcamera/base/log.h>

#include <libcamera/property_ids.h>

#include "libcamera/internal/framebuffer.h"
#include "libcamera/internal/request.h"

namespace libcamera {

LOG_DEFINE_CATEGORY(RigCamera)

namespace rig {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

namespace {

constexpr double kAeSpeed = 0.4; /* of the way to the wanted exposure, in EV, per frame */
constexpr double kAeConverged = 0.05; /* EV */
constexpr double kAeLongestUs = 66666; /* where auto exposure takes gain instead, as the tuning's normal mode */
constexpr float kAeMostGain = 16;

double wantedExposure(const Settings &settings)
{
	return kMeanTarget / kSceneMean * kFullAt * std::exp2(settings.ev) / light();
}

/* The shortest, the longest and the exposure of the start; a camera without a longest has the shortest of another mode. */
ControlInfo exposureOf(const SensorMode &mode)
{
	if (variant("limit-none"))
		return ControlInfo(31, 0);
	if (variant("limit-largest"))
		return ControlInfo(31, std::numeric_limits<int32_t>::max());
	return ControlInfo(mode.minExposure(), static_cast<int32_t>(mode.maxExposure), 20000);
}

ControlInfoMap controlsOf(const SensorMode &mode)
{
	const int64_t shortest = mode.minDuration();
	const unsigned int least = variant("crop-128") ? 128 : 64;
	ControlInfoMap::Map map{
		{ &controls::AeEnable, ControlInfo(false, true, true) },
		{ &controls::ExposureTimeMode,
		  ControlInfo({ { ControlValue(controls::ExposureTimeModeAuto),
				  ControlValue(controls::ExposureTimeModeManual) } },
			      ControlValue(controls::ExposureTimeModeAuto)) },
		{ &controls::ExposureTime, exposureOf(mode) },
		{ &controls::AnalogueGainMode,
		  ControlInfo({ { ControlValue(controls::AnalogueGainModeAuto),
				  ControlValue(controls::AnalogueGainModeManual) } },
			      ControlValue(controls::AnalogueGainModeAuto)) },
		{ &controls::AnalogueGain, ControlInfo(1.0f, kGainMax, 1.0f) },
		{ &controls::AeMeteringMode, ControlInfo(controls::AeMeteringModeValues) },
		{ &controls::AeConstraintMode, ControlInfo(controls::AeConstraintModeValues) },
		{ &controls::AeExposureMode, ControlInfo(controls::AeExposureModeValues) },
		{ &controls::ExposureValue, ControlInfo(-8.0f, 8.0f, 0.0f) },
		{ &controls::AeFlickerMode,
		  ControlInfo({ { ControlValue(controls::FlickerOff), ControlValue(controls::FlickerManual) } },
			      ControlValue(controls::FlickerOff)) },
		{ &controls::AeFlickerPeriod, ControlInfo(100, 1000000) },
		{ &controls::AwbEnable, ControlInfo(false, true) },
		{ &controls::AwbMode, ControlInfo(controls::AwbModeValues) },
		{ &controls::ColourGains, ControlInfo(0.0f, 32.0f) },
		{ &controls::ColourTemperature, ControlInfo(100, 100000) },
		{ &controls::ColourCorrectionMatrix, ControlInfo(0.0f, 8.0f) },
		{ &controls::Brightness, ControlInfo(-1.0f, 1.0f, 0.0f) },
		{ &controls::Contrast, ControlInfo(0.0f, 32.0f, 1.0f) },
		{ &controls::Saturation, ControlInfo(0.0f, 32.0f, 1.0f) },
		{ &controls::Sharpness, ControlInfo(0.0f, 16.0f, 1.0f) },
		{ &controls::HdrMode, ControlInfo(controls::HdrModeValues) },
		{ &controls::draft::NoiseReductionMode, ControlInfo(controls::draft::NoiseReductionModeValues) },
		{ &controls::ScalerCrop, ControlInfo(Rectangle(mode.crop.x, mode.crop.y, least, least), mode.crop, mode.crop) },
		{ &controls::FrameDurationLimits,
		  ControlInfo(shortest, mode.maxExposure + 20000,
			      Span<const int64_t, 2>{ { shortest, shortest } }) },
	};
	return ControlInfoMap(std::move(map), controls::controls);
}

} /* namespace */

RigCamera::RigCamera(PipelineHandler *pipe, std::function<void(Request *)> filled, std::function<void()> lost)
	: Camera::Private(pipe), filled_(std::move(filled)), lost_(std::move(lost)), modes_(sensorModes()),
	  mode_(modes_.back())
{
	properties_.set(properties::Model, "imx477");
	properties_.set(properties::Location, properties::CameraLocationExternal);
	properties_.set(properties::Rotation, 180);
	properties_.set(properties::UnitCellSize, Size(1550, 1550));
	properties_.set(properties::PixelArraySize, kFull);
	properties_.set(properties::PixelArrayActiveAreas, { Rectangle(8, 16, 4056, 3040) });
	properties_.set(properties::draft::ColorFilterArrangement,
			variant("mono") ? properties::draft::MONO : properties::draft::RGGB);
	properties_.set(properties::SensorSensitivity, 1.0f);
	useMode(mode_);
}

void RigCamera::useMode(const SensorMode &mode)
{
	mode_ = mode;
	start_.crop = mode.crop;
	properties_.set(properties::ScalerCropMaximum, mode.crop);
	controlInfo_ = controlsOf(mode);
}

/* -- the sensor --------------------------------------------------------------------------------------------------- */

void RigCamera::run()
{
	stopping_ = false;
	sequence_ = 0;
	thread_ = std::thread([this] { expose(); });
}

void RigCamera::queue(Request *request)
{
	std::lock_guard<std::mutex> guard(mutex_);
	waiting_.push_back(request);
}

/* Also forgets what is queued: cancelling it is the pipeline handler's. */
void RigCamera::halt()
{
	{
		std::lock_guard<std::mutex> guard(mutex_);
		stopping_ = true;
		waiting_.clear();
	}
	wake_.notify_all();
	if (thread_.joinable())
		thread_.join();
	for (const auto &[buffer, memory] : mapped_)
		munmap(memory.first, memory.second);
	mapped_.clear();
}

/*
 * A frame goes to the request that waits when its readout begins, or to none. That request's controls are in the frame
 * after the next: the exposure of the next has begun.
 */
void RigCamera::expose()
{
	Settings wanted = start_;
	Settings now = delivered(wanted), next = now;
	const auto readoutTime = nanoseconds(mode_.readoutNs());
	auto readout = Clock::now() + microseconds(now.exposureUs);
	while (sleepUntil(readout)) {
		Request *request = take();
		if (request)
			apply(request->controls(), wanted);
		meter(wanted);
		start_ = wanted;
		const Settings afterNext = delivered(wanted);
		const int64_t duration = durationUs(now) * (fault("slow") ? 10 : 1);
		if (request)
			fill(request, now, readout, duration);
		if (!sleepUntil(readout + readoutTime))
			return;
		if (fault("unplug"))
			return lost_();
		if (request)
			filled_(request);
		const auto frame = microseconds(std::max<int64_t>(duration, next.exposureUs));
		do { /* a sensor does not wait: frames that this machine is too slow for are lost */
			readout += frame;
			sequence_++;
		} while (readout + readoutTime < Clock::now());
		now = next;
		next = afterNext;
	}
}

/* Gives false when the camera was stopped meanwhile. */
bool RigCamera::sleepUntil(Clock::time_point moment)
{
	std::unique_lock<std::mutex> lock(mutex_);
	return !wake_.wait_until(lock, moment, [this] { return stopping_; });
}

Request *RigCamera::take()
{
	std::lock_guard<std::mutex> guard(mutex_);
	if (waiting_.empty() || fault("stall"))
		return nullptr;
	Request *request = waiting_.front();
	waiting_.pop_front();
	return request;
}

/* -- its settings ------------------------------------------------------------------------------------------------- */

void RigCamera::apply(const ControlList &list, Settings &settings) const
{
	if (auto v = list.get(controls::ExposureTimeMode))
		settings.exposureAuto = *v == controls::ExposureTimeModeAuto;
	if (auto v = list.get(controls::AnalogueGainMode))
		settings.gainAuto = *v == controls::AnalogueGainModeAuto;
	if (auto v = list.get(controls::ExposureTime); v && !settings.exposureAuto)
		settings.exposureUs = *v;
	if (auto v = list.get(controls::AnalogueGain); v && !settings.gainAuto)
		settings.gain = *v;
	if (auto v = list.get(controls::ExposureValue))
		settings.ev = *v;
	if (auto v = list.get(controls::FrameDurationLimits)) {
		settings.shortestFrameUs = (*v)[0];
		settings.longestFrameUs = (*v)[1];
	}
	if (auto v = list.get(controls::ScalerCrop))
		settings.crop = v->boundedTo(mode_.crop);

	if (auto v = list.get(controls::AwbEnable))
		settings.awb = *v;
	if (auto v = list.get(controls::AwbMode))
		settings.awbMode = *v;
	const auto gains = list.get(controls::ColourGains);
	const auto kelvin = list.get(controls::ColourTemperature);
	if (settings.awb && !gains) {
		settings.kelvin = balancedKelvin(settings.awbMode);
		std::tie(settings.red, settings.blue) = gainsAt(settings.kelvin);
	} else if (gains) {
		settings.awb = false;
		settings.red = (*gains)[0];
		settings.blue = (*gains)[1];
	} else if (kelvin) {
		settings.kelvin = *kelvin;
		std::tie(settings.red, settings.blue) = gainsAt(*kelvin);
	}
}

/* Auto exposure: a part of the way, in EV, from what was set to what the mean needs; time first, then gain. */
void RigCamera::meter(Settings &settings) const
{
	if (!settings.exposureAuto && !settings.gainAuto)
		return;
	const double set = double(settings.exposureUs) * settings.gain;
	const double total = set * std::pow(wantedExposure(settings) / set, kAeSpeed);
	const double least = mode_.minExposure();
	if (settings.exposureAuto) {
		const double us = total / (settings.gainAuto ? 1.0 : settings.gain);
		const double room = settings.longestFrameUs - kMarginLines * mode_.lineUs();
		const double most = settings.gainAuto ? std::min(kAeLongestUs, room) : room;
		settings.exposureUs = static_cast<int32_t>(std::clamp(us, least, std::max(most, least)));
	}
	if (settings.gainAuto)
		settings.gain = std::clamp(static_cast<float>(total / settings.exposureUs), 1.0f, kAeMostGain);
}

/* What the sensor makes of it: whole lines within the mode's limits, a gain that has a code. */
Settings RigCamera::delivered(Settings settings) const
{
	const double line = mode_.lineUs();
	const double room = settings.longestFrameUs - kMarginLines * line;
	const double most = std::max(std::min<double>(mode_.maxExposure, room), 4 * line);
	const double us = std::clamp<double>(settings.exposureUs, 4 * line, most);
	settings.exposureUs = static_cast<int32_t>(std::floor(us / line + 1e-6) * line);
	settings.gain = std::clamp(settings.gain, 1.0f, kGainMax);
	settings.gain = 1024.0f / (1024 - std::floor(1024 - 1024 / settings.gain + 1e-4f));
	return settings;
}

int64_t RigCamera::durationUs(const Settings &settings) const
{
	const int64_t needed = static_cast<int64_t>(settings.exposureUs + kMarginLines * mode_.lineUs());
	return std::max({ needed, mode_.minDuration(), std::min(settings.shortestFrameUs, settings.longestFrameUs) });
}

/* -- its frames --------------------------------------------------------------------------------------------------- */

void RigCamera::fill(Request *request, const Settings &settings, Clock::time_point readout, int64_t durationUs)
{
	const int64_t timestampNs = nanoseconds(readout.time_since_epoch()).count();
	const double brightness = settings.exposureUs * settings.gain / kFullAt * light();
	const bool corrupt = fault("corrupt");
	for (const auto &[stream, buffer] : request->buffers()) {
		FrameMetadata &metadata = buffer->_d()->metadata();
		metadata.status = corrupt ? FrameMetadata::FrameError : FrameMetadata::FrameSuccess;
		metadata.sequence = sequence_;
		metadata.timestamp = timestampNs;
		metadata.planes()[0].bytesused = buffer->planes()[0].length;
		plates_[stream - streams_.data()].fill(map(buffer), brightness, static_cast<uint32_t>(timestampNs / 1000));
	}
	describe(request->_d()->metadata(), settings, timestampNs, durationUs);
}

void RigCamera::describe(ControlList &list, const Settings &settings, int64_t timestampNs, int64_t durationUs) const
{
	const bool automatic = settings.exposureAuto || settings.gainAuto;
	const double off = std::log2(wantedExposure(settings) / (double(settings.exposureUs) * settings.gain));
	const auto wall = std::chrono::system_clock::now().time_since_epoch() -
			  (Clock::now().time_since_epoch() - nanoseconds(timestampNs));
	list.set(controls::SensorTimestamp, timestampNs);
	list.set(controls::FrameWallClock, nanoseconds(wall).count() / (variant("wall-clock-us") ? 1000 : 1));
	list.set(controls::ExposureTime, settings.exposureUs);
	list.set(controls::AnalogueGain, settings.gain);
	list.set(controls::DigitalGain, 1.0f);
	list.set(controls::FrameDuration, durationUs);
	if (!variant("no-temperature"))
		list.set(controls::SensorTemperature, variant("zero-temperature") ? 0.0f : 38.0f);
	list.set(controls::AeState, !automatic ? controls::AeStateIdle
				    : std::abs(off) < kAeConverged ? controls::AeStateConverged
								   : controls::AeStateSearching);
	list.set(controls::Lux, variant("lux") ? 412.5f : 400.0f); /* 400: libcamera's own beginning */
	list.set(controls::ColourGains, Span<const float, 2>({ settings.red, settings.blue }));
	list.set(controls::ColourTemperature, static_cast<int32_t>(settings.kelvin));
	list.set(controls::ColourCorrectionMatrix,
		 Span<const float, 9>({ 2.1f, -1.0f, -0.1f, -0.4f, 2.1f, -0.7f, -0.1f, -0.5f, 1.6f }));
	list.set(controls::SensorBlackLevels, Span<const int32_t, 4>({ kBlack16, kBlack16, kBlack16, kBlack16 }));
	list.set(controls::FocusFoM, 1000);
	list.set(controls::ScalerCrop, settings.crop);
}

uint8_t *RigCamera::map(const FrameBuffer *buffer)
{
	auto found = mapped_.find(buffer);
	if (found != mapped_.end())
		return found->second.first;
	const FrameBuffer::Plane &plane = buffer->planes()[0];
	void *memory = mmap(nullptr, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, plane.fd.get(), 0);
	if (memory == MAP_FAILED)
		LOG(RigCamera, Fatal) << "a buffer cannot be mapped: " << strerror(errno);
	mapped_[buffer] = { static_cast<uint8_t *>(memory), plane.length };
	return static_cast<uint8_t *>(memory);
}

} /* namespace rig */

} /* namespace libcamera */
