/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A simulated IMX477 behind libcamera, for testing hqcam with the real picamera2 where there is no camera.
 * It follows the structure of libcamera's own virtual pipeline handler.
 *
 * The environment says what it is: HQCAM_RIG_PLATFORM (vc4 or pisp: how raw is granted), HQCAM_RIG_KERNEL (classic or
 * new: which modes) and HQCAM_RIG_FAULTS (a folder; a file named after a fault is that fault while it exists).
 *
 * Sensor: frames tick at the sensor's own rate whether or not a request waits. A frame's controls are those of the
 * request that was filled two frames earlier. Pixels: linear brightness follows exposure x gain; the first 32 blocks of
 * every stream spell the low 32 bits of SensorTimestamp in microseconds, least significant first, white for 1.
 */

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <errno.h>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <libcamera/base/log.h>

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>
#include <libcamera/formats.h>
#include <libcamera/orientation.h>
#include <libcamera/property_ids.h>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/camera.h"
#include "libcamera/internal/formats.h"
#include "libcamera/internal/framebuffer.h"
#include "libcamera/internal/pipeline_handler.h"
#include "libcamera/internal/request.h"

namespace libcamera {

LOG_DEFINE_CATEGORY(RigIMX477)

namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr double kPixelRate = 840e6;
constexpr unsigned int kMarginLines = 22;
constexpr unsigned int kDelayFrames = 2;
constexpr float kGainMax = 1024.0f / (1024 - 978);
constexpr double kMeanTarget = 0.165; /* of the linear picture, where auto exposure wants it */
constexpr double kFullAt = 20000.0 / 0.6; /* exposure (us) x gain that brings the brightest part to the end of the scale */

struct SensorMode {
	Size size;
	unsigned int bits;
	Rectangle crop;
	unsigned int lineLength; /* in pixels */
	double fps;
	int64_t maxExposure;

	double lineUs() const { return lineLength / kPixelRate * 1e6; }
	int32_t minExposure() const { return static_cast<int32_t>(4 * lineUs()); }
	int64_t minDuration() const { return std::lround(1e6 / fps); }
	int64_t readoutNs() const { return static_cast<int64_t>(size.height * lineUs() * 1000); }
};

const std::vector<SensorMode> kClassic = {
	{ { 1332, 990 }, 10, { 696, 528, 2664, 1980 }, 6664, 120.05, 667234896 },
	{ { 2028, 1080 }, 12, { 0, 440, 4056, 2160 }, 12740, 50.03, 674181621 },
	{ { 2028, 1520 }, 12, { 0, 0, 4056, 3040 }, 12740, 40.01, 674181621 },
	{ { 4056, 3040 }, 12, { 0, 0, 4056, 3040 }, 24000, 10.00, 694422939 },
};

std::vector<SensorMode> newerModes()
{
	std::vector<SensorMode> modes;
	for (unsigned int bits : { 8u, 10u, 12u }) {
		const double faster = 12.0 / bits;
		modes.push_back({ { 1332, 990 }, bits, { 696, 528, 2664, 1980 }, 6716, 100.0 * faster, 667234896 });
		modes.push_back({ { 2028, 1080 }, bits, { 0, 440, 4056, 2160 }, 11856, 60.0 * faster, 674181621 });
		modes.push_back({ { 2028, 1520 }, bits, { 0, 0, 4056, 3040 }, 11856, 46.5 * faster, 674181621 });
		modes.push_back({ { 4056, 2160 }, bits, { 0, 440, 4056, 2160 }, 23213, 16.6 * faster, 694422939 });
		modes.push_back({ { 4056, 3040 }, bits, { 0, 0, 4056, 3040 }, 23213, 11.89 * faster, 694422939 });
	}
	return modes;
}

std::string environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value ? value : otherwise;
}

bool fault(const char *name)
{
	const std::string folder = environment("HQCAM_RIG_FAULTS", "");
	return !folder.empty() && access((folder + "/" + name).c_str(), F_OK) == 0;
}

bool isPisp()
{
	return environment("HQCAM_RIG_PLATFORM", "vc4") == "pisp";
}

unsigned int alignUp(unsigned int value, unsigned int to)
{
	return (value + to - 1) / to * to;
}

bool isRaw(const PixelFormat &format)
{
	return PixelFormatInfo::info(format).colourEncoding == PixelFormatInfo::ColourEncodingRAW;
}

PixelFormat rawFormat(BayerFormat::Order order, unsigned int bits, BayerFormat::Packing packing)
{
	return BayerFormat(order, static_cast<uint8_t>(bits), packing).toPixelFormat();
}

/* What a frame is exposed and rendered with. */
struct Settings {
	bool exposureAuto = true;
	bool gainAuto = true;
	int32_t exposureUs = 20000;
	float gain = 1.0f;
	float ev = 0.0f;
	int64_t shortestFrameUs = 33333;
	int64_t longestFrameUs = 250000000;
	bool awb = true;
	int32_t awbMode = 0;
	float red = 2.9f, blue = 1.6f;
	Rectangle crop;
};

/* The scene at a place of the frame (0..1), linear, 0..1: a ramp, with stripes that make texture. */
double scene(double x, double y)
{
	const double stripes = std::sin(x * 900) * std::sin(y * 700) > 0.3 ? 0.12 : 0.0;
	return 0.06 + 0.7 * x + 0.1 * y + stripes;
}

} /* namespace */

/* One stream's pixels: the scene once per size, the rendering once per brightness, then only copies. */
class Plate
{
public:
	void configure(const StreamConfiguration &cfg, const SensorMode &mode)
	{
		format_ = cfg.pixelFormat;
		size_ = cfg.size;
		stride_ = cfg.stride;
		bytes_.assign(cfg.frameSize, 0);
		bits_ = mode.bits;
		level_ = -1;
		raw_ = isRaw(format_);
		if (raw_)
			order_ = BayerFormat::fromPixelFormat(format_).order;
		scene_ = &sceneFor(size_, raw_, order_);
	}

	/* Brightness: 1.0 brings the scene's brightest part to the end of the scale. */
	void fill(uint8_t *to, double brightness, uint32_t code)
	{
		if (brightness != level_) {
			level_ = brightness;
			raw_ ? renderRaw() : renderPicture();
		}
		memcpy(to, bytes_.data(), bytes_.size());
		stamp(to, code);
	}

private:
	static const std::vector<uint16_t> &sceneFor(const Size &size, bool raw, BayerFormat::Order order)
	{
		static std::mutex mutex;
		static std::map<std::tuple<unsigned int, unsigned int, bool, int>, std::vector<uint16_t>> cache;
		std::lock_guard<std::mutex> guard(mutex);
		auto &pixels = cache[{ size.width, size.height, raw, static_cast<int>(order) }];
		if (!pixels.empty())
			return pixels;
		pixels.resize(size_t(size.width) * size.height);
		for (unsigned int y = 0; y < size.height; y++) {
			for (unsigned int x = 0; x < size.width; x++) {
				const double light = scene(double(x) / size.width, double(y) / size.height);
				const double seen = light * (raw ? filter(order, x, y) : 1.0);
				pixels[size_t(y) * size.width + x] = static_cast<uint16_t>(65535 * std::min(seen, 1.0));
			}
		}
		return pixels;
	}

	/* Red and blue photosites see a grey at the reciprocal of the white balance gains. */
	static double filter(BayerFormat::Order order, unsigned int x, unsigned int y)
	{
		static const char *const cells[] = { "BGGR", "GBRG", "GRBG", "RGGB" };
		const char colour = cells[order][(y & 1) * 2 + (x & 1)];
		return colour == 'G' ? 1.0 : colour == 'R' ? 1 / 2.9 : 1 / 1.6;
	}

	void renderRaw()
	{
		const BayerFormat bayer = BayerFormat::fromPixelFormat(format_);
		const bool comp1 = bayer.packing == BayerFormat::Packing::PISP1;
		const unsigned int black = 4096 >> (16 - bits_), white = (1u << bits_) - 1;
		const unsigned int shift = bayer.bitDepth > bits_ ? bayer.bitDepth - bits_ : 0;
		std::vector<uint16_t> table(65536);
		for (unsigned int i = 0; i < table.size(); i++)
			table[i] = static_cast<uint16_t>(
				std::min<double>(black + level_ * (white - black) * i / 65535.0, white));
		for (unsigned int y = 0; y < size_.height; y++) {
			const uint16_t *in = scene_->data() + size_t(y) * size_.width;
			uint8_t *row = bytes_.data() + size_t(y) * stride_;
			if (comp1) {
				for (unsigned int x = 0; x < size_.width; x++)
					row[x] = static_cast<uint8_t>(table[in[x]] >> (bits_ - 8));
			} else if (bayer.packing == BayerFormat::Packing::CSI2) {
				packRow(row, in, table);
			} else if (bayer.bitDepth == 8) {
				for (unsigned int x = 0; x < size_.width; x++)
					row[x] = static_cast<uint8_t>(table[in[x]]);
			} else {
				uint16_t *out = reinterpret_cast<uint16_t *>(row);
				for (unsigned int x = 0; x < size_.width; x++)
					out[x] = static_cast<uint16_t>(table[in[x]] << shift);
			}
		}
	}

	void packRow(uint8_t *row, const uint16_t *in, const std::vector<uint16_t> &table) const
	{
		const unsigned int group = bits_ == 12 ? 2 : 4, low = bits_ - 8;
		for (unsigned int x = 0; x < size_.width; x += group) {
			uint8_t rest = 0;
			for (unsigned int i = 0; i < group; i++) {
				const uint16_t sample = table[in[x + i]];
				*row++ = static_cast<uint8_t>(sample >> low);
				rest = static_cast<uint8_t>(rest | (sample & ((1u << low) - 1)) << (i * low));
			}
			*row++ = rest;
		}
	}

	void renderPicture()
	{
		std::vector<uint8_t> table(65536);
		for (unsigned int i = 0; i < table.size(); i++)
			table[i] = static_cast<uint8_t>(
				255 * std::pow(std::min(level_ * i / 65535.0, 1.0), 1 / 2.2) + 0.5);
		const unsigned int channels = pixelBytes();
		for (unsigned int y = 0; y < size_.height; y++) {
			const uint16_t *in = scene_->data() + size_t(y) * size_.width;
			uint8_t *row = bytes_.data() + size_t(y) * stride_;
			for (unsigned int x = 0; x < size_.width; x++)
				memset(row + x * channels, table[in[x]], channels);
		}
		if (channels == 1)
			memset(bytes_.data() + size_t(stride_) * size_.height, 128,
			       bytes_.size() - size_t(stride_) * size_.height);
	}

	unsigned int pixelBytes() const
	{
		if (format_ == formats::YUV420 || format_ == formats::NV12)
			return 1;
		return format_ == formats::RGB888 || format_ == formats::BGR888 ? 3 : 4;
	}

	void stamp(uint8_t *to, uint32_t code) const
	{
		const unsigned int block = std::max(2u, size_.width / 64 & ~1u);
		for (unsigned int y = 0; y < block; y++)
			for (unsigned int bit = 0; bit < 32; bit++)
				mark(to + size_t(y) * stride_, bit * block, block, code >> bit & 1);
	}

	void mark(uint8_t *row, unsigned int from, unsigned int count, bool on) const
	{
		if (!raw_) {
			memset(row + from * pixelBytes(), on ? 255 : 0, count * pixelBytes());
			return;
		}
		const BayerFormat bayer = BayerFormat::fromPixelFormat(format_);
		if (bayer.packing == BayerFormat::Packing::CSI2) {
			memset(row + from * bits_ / 8, on ? 0xff : 0x10, count * bits_ / 8);
		} else if (bayer.packing == BayerFormat::Packing::PISP1 || bayer.bitDepth == 8) {
			memset(row + from, on ? 0xff : 0x10, count);
		} else {
			const unsigned int shift = bayer.bitDepth > bits_ ? bayer.bitDepth - bits_ : 0;
			const unsigned int value = on ? (1u << bits_) - 1 : 4096 >> (16 - bits_);
			std::fill_n(reinterpret_cast<uint16_t *>(row) + from, count,
				    static_cast<uint16_t>(value << shift));
		}
	}

	PixelFormat format_;
	Size size_;
	unsigned int stride_ = 0, bits_ = 12;
	bool raw_ = false;
	BayerFormat::Order order_ = BayerFormat::RGGB;
	double level_ = -1;
	std::vector<uint8_t> bytes_;
	const std::vector<uint16_t> *scene_ = nullptr;
};

class RigCameraData : public Camera::Private
{
public:
	static constexpr unsigned int kStreams = 3;

	RigCameraData(PipelineHandler *pipe);

	void useMode(const SensorMode &mode);
	void apply(const ControlList &controls, Settings &settings) const;
	void run(); /* the sensor's thread */
	void halt();
	void queue(Request *request);

	std::vector<SensorMode> modes_;
	SensorMode mode_;
	std::array<Stream, kStreams> streams_;
	std::array<Plate, kStreams> plates_;
	std::set<const Stream *> active_;
	Settings start_;
	bool metered_ = false;

private:
	Settings nextSettings(Request *request);
	Settings delivered(Settings settings) const;
	void meter(Settings &settings, const Settings &shown) const;
	int64_t durationUs(const Settings &settings) const;
	void fill(Request *request, const Settings &settings, uint64_t timestampNs, int64_t durationUs);
	void describe(Request *request, const Settings &settings, uint64_t timestampNs, int64_t durationUs);
	uint8_t *map(const FrameBuffer *buffer);

	PipelineHandler *pipeline_;
	std::thread thread_;
	std::mutex mutex_;
	std::condition_variable wake_;
	bool stopping_ = false;
	std::deque<Request *> waiting_;
	Settings wanted_;
	std::deque<Settings> onTheWay_;
	uint32_t sequence_ = 0;
	std::map<const FrameBuffer *, std::pair<uint8_t *, size_t>> mapped_;
};

class RigConfiguration : public CameraConfiguration
{
public:
	RigConfiguration(RigCameraData *data)
		: data_(data), mode_(data->modes_.back())
	{
	}

	Status validate() override;
	const SensorMode &mode() const { return mode_; }

private:
	const SensorMode &chooseMode() const;
	Status validateRaw(StreamConfiguration &cfg) const;
	Status validatePicture(StreamConfiguration &cfg) const;

	RigCameraData *data_;
	SensorMode mode_;
};

class PipelineHandlerRig : public PipelineHandler
{
public:
	PipelineHandlerRig(CameraManager *manager)
		: PipelineHandler(manager)
	{
	}
	~PipelineHandlerRig()
	{
		if (mine_)
			created_ = false;
	}

	std::unique_ptr<CameraConfiguration> generateConfiguration(Camera *camera, Span<const StreamRole> roles) override;
	int configure(Camera *camera, CameraConfiguration *config) override;
	int exportFrameBuffers(Camera *, Stream *, std::vector<std::unique_ptr<FrameBuffer>> *) override { return -ENOTSUP; }
	int start(Camera *camera, const ControlList *controls) override;
	void stopDevice(Camera *camera) override;
	int queueRequestDevice(Camera *camera, Request *request) override;
	bool acquireDevice(Camera *) override { return !fault("busy"); }
	bool match(DeviceEnumerator *) override;

	void filled(Request *request);

private:
	static RigCameraData *dataOf(Camera *camera) { return static_cast<RigCameraData *>(camera->_d()); }

	static bool created_;
	bool mine_ = false;
};

bool PipelineHandlerRig::created_ = false;

/* -- the camera --------------------------------------------------------------------------------------------------- */

RigCameraData::RigCameraData(PipelineHandler *pipe)
	: Camera::Private(pipe),
	  modes_(environment("HQCAM_RIG_KERNEL", "classic") == "new" ? newerModes() : kClassic), mode_(modes_.back()),
	  pipeline_(pipe)
{
	properties_.set(properties::Model, "imx477");
	properties_.set(properties::Location, properties::CameraLocationExternal);
	properties_.set(properties::Rotation, 180);
	properties_.set(properties::UnitCellSize, Size(1550, 1550));
	properties_.set(properties::PixelArraySize, Size(4056, 3040));
	properties_.set(properties::PixelArrayActiveAreas, { Rectangle(8, 16, 4056, 3040) });
	properties_.set(properties::draft::ColorFilterArrangement, properties::draft::RGGB);
	useMode(mode_);
}

void RigCameraData::useMode(const SensorMode &mode)
{
	mode_ = mode;
	start_.crop = mode.crop;
	properties_.set(properties::ScalerCropMaximum, mode.crop);
	properties_.set(properties::SensorSensitivity, 1.0f);

	const int64_t shortest = mode.minDuration();
	ControlInfoMap::Map map{
		{ &controls::AeEnable, ControlInfo(false, true, true) },
		{ &controls::ExposureTimeMode,
		  ControlInfo({ { ControlValue(controls::ExposureTimeModeAuto),
				  ControlValue(controls::ExposureTimeModeManual) } },
			      ControlValue(controls::ExposureTimeModeAuto)) },
		{ &controls::ExposureTime,
		  ControlInfo(mode.minExposure(), static_cast<int32_t>(mode.maxExposure), 20000) },
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
		{ &controls::ScalerCrop, ControlInfo(Rectangle(mode.crop.x, mode.crop.y, 64, 64), mode.crop, mode.crop) },
		{ &controls::FrameDurationLimits,
		  ControlInfo(shortest, mode.maxExposure + 20000,
			      Span<const int64_t, 2>{ { shortest, shortest } }) },
	};
	controlInfo_ = ControlInfoMap(std::move(map), controls::controls);
}

void RigCameraData::apply(const ControlList &list, Settings &settings) const
{
	if (auto v = list.get(controls::ExposureTimeMode))
		settings.exposureAuto = *v == controls::ExposureTimeModeAuto;
	if (auto v = list.get(controls::AnalogueGainMode))
		settings.gainAuto = *v == controls::AnalogueGainModeAuto;
	if (auto v = list.get(controls::ExposureTime))
		if (!settings.exposureAuto)
			settings.exposureUs = *v;
	if (auto v = list.get(controls::AnalogueGain))
		if (!settings.gainAuto)
			settings.gain = *v;
	if (auto v = list.get(controls::ExposureValue))
		settings.ev = *v;
	if (auto v = list.get(controls::FrameDurationLimits)) {
		settings.shortestFrameUs = (*v)[0];
		settings.longestFrameUs = (*v)[1];
	}
	if (auto v = list.get(controls::AwbEnable))
		settings.awb = *v;
	if (auto v = list.get(controls::AwbMode))
		settings.awbMode = *v;
	if (auto v = list.get(controls::ColourGains)) {
		settings.awb = false;
		settings.red = (*v)[0];
		settings.blue = (*v)[1];
	} else if (settings.awb) {
		settings.red = 2.9f;
		settings.blue = 1.6f;
	}
	if (auto v = list.get(controls::ScalerCrop))
		settings.crop = v->boundedTo(mode_.crop);
}

/* What the sensor makes of it: whole lines within the mode's limits, gains that have a code. */
Settings RigCameraData::delivered(Settings settings) const
{
	const double line = mode_.lineUs();
	const double limit = std::min<double>(mode_.maxExposure, settings.longestFrameUs - kMarginLines * line);
	const double us = std::clamp<double>(settings.exposureUs, 4 * line, std::max(limit, 4 * line));
	settings.exposureUs = static_cast<int32_t>(std::floor(us / line + 1e-6) * line);
	settings.gain = std::clamp(settings.gain, 1.0f, kGainMax);
	settings.gain = 1024.0f / (1024 - std::floor(1024 - 1024 / settings.gain + 1e-4f));
	return settings;
}

void RigCameraData::queue(Request *request)
{
	std::lock_guard<std::mutex> guard(mutex_);
	waiting_.push_back(request);
}

void RigCameraData::run()
{
	stopping_ = false;
	sequence_ = 0;
	wanted_ = start_;
	onTheWay_.assign(kDelayFrames, wanted_);
	thread_ = std::thread([this] {
		Settings now = delivered(wanted_);
		auto readout = Clock::now() + std::chrono::microseconds(now.exposureUs);
		while (true) {
			const int64_t duration = durationUs(now) * (fault("slow") ? 10 : 1);
			const auto complete = readout + Nanoseconds(mode_.readoutNs());
			std::unique_lock<std::mutex> lock(mutex_);
			if (wake_.wait_until(lock, complete, [this] { return stopping_; }))
				return;
			Request *request = nullptr;
			if (!waiting_.empty() && !fault("stall") && !fault("unplug")) {
				request = waiting_.front();
				waiting_.pop_front();
			}
			lock.unlock();
			if (request)
				fill(request, now, readout.time_since_epoch().count(), duration);
			sequence_++;
			/* The next frame's exposure cannot begin before this one's frame time is over. */
			const Settings next = nextSettings(request);
			readout += std::chrono::microseconds(std::max<int64_t>(duration, next.exposureUs));
			if (request)
				static_cast<PipelineHandlerRig *>(pipeline_)
					->invokeMethod(&PipelineHandlerRig::filled, ConnectionTypeQueued, request);
			if (readout + Nanoseconds(mode_.readoutNs()) < Clock::now())
				readout = Clock::now(); /* this machine was too slow: the sensor's clock goes on */
			now = next;
		}
	});
}

/* Two frames behind the request, as the sensor's own delay. */
Settings RigCameraData::nextSettings(Request *request)
{
	if (request)
		apply(request->controls(), wanted_);
	const Settings next = delivered(onTheWay_.front());
	onTheWay_.pop_front();
	meter(wanted_, next);
	onTheWay_.push_back(wanted_);
	start_ = wanted_; /* auto exposure goes on from here after a restart */
	return next;
}

/* Auto exposure: half of the way, in EV, to the wanted mean. */
void RigCameraData::meter(Settings &settings, const Settings &shown) const
{
	if (!settings.exposureAuto && !settings.gainAuto)
		return;
	const double mean = 0.5 * shown.exposureUs * shown.gain / kFullAt;
	const double off = kMeanTarget * std::exp2(settings.ev) / mean;
	const double total = std::max(1.0, double(settings.exposureUs) * settings.gain * std::sqrt(off));
	const double line = mode_.lineUs();
	const double room = settings.longestFrameUs - kMarginLines * line;
	if (settings.exposureAuto) {
		const double us = total / (settings.gainAuto ? 1.0 : settings.gain);
		const double most = std::min(settings.gainAuto ? 66666.0 : 1e9, room);
		settings.exposureUs = static_cast<int32_t>(std::clamp(us, 4 * line, std::max(most, 4 * line)));
	}
	if (settings.gainAuto)
		settings.gain = std::clamp(static_cast<float>(total / settings.exposureUs), 1.0f, 16.0f);
}

int64_t RigCameraData::durationUs(const Settings &settings) const
{
	const int64_t needed = static_cast<int64_t>(settings.exposureUs + kMarginLines * mode_.lineUs());
	return std::max({ needed, mode_.minDuration(), std::min(settings.shortestFrameUs, settings.longestFrameUs) });
}

void RigCameraData::fill(Request *request, const Settings &settings, uint64_t timestampNs, int64_t durationUs)
{
	const double brightness = settings.exposureUs * settings.gain / kFullAt;
	const uint32_t code = static_cast<uint32_t>(timestampNs / 1000);
	for (const auto &[stream, buffer] : request->buffers()) {
		FrameMetadata &metadata = buffer->_d()->metadata();
		metadata.status = fault("corrupt") ? FrameMetadata::FrameError : FrameMetadata::FrameSuccess;
		metadata.sequence = sequence_;
		metadata.timestamp = timestampNs;
		metadata.planes()[0].bytesused = buffer->planes()[0].length;
		plates_[stream - streams_.data()].fill(map(buffer), brightness, code);
	}
	describe(request, settings, timestampNs, durationUs);
}

void RigCameraData::describe(Request *request, const Settings &settings, uint64_t timestampNs, int64_t durationUs)
{
	const double mean = 0.5 * settings.exposureUs * settings.gain / kFullAt;
	const bool automatic = settings.exposureAuto || settings.gainAuto;
	const bool converged = std::abs(std::log2(kMeanTarget * std::exp2(settings.ev) / mean)) < 0.05;
	const auto wall = std::chrono::system_clock::now().time_since_epoch() -
			  (Clock::now().time_since_epoch() - Nanoseconds(timestampNs));
	ControlList &list = request->_d()->metadata();
	list.set(controls::SensorTimestamp, static_cast<int64_t>(timestampNs));
	list.set(controls::FrameWallClock, std::chrono::duration_cast<Nanoseconds>(wall).count());
	list.set(controls::ExposureTime, settings.exposureUs);
	list.set(controls::AnalogueGain, settings.gain);
	list.set(controls::DigitalGain, 1.0f);
	list.set(controls::FrameDuration, durationUs);
	list.set(controls::SensorTemperature, 38.0f);
	list.set(controls::AeState, !automatic ? controls::AeStateIdle
					       : converged ? controls::AeStateConverged : controls::AeStateSearching);
	list.set(controls::Lux, static_cast<float>(400.0));
	list.set(controls::ColourGains, Span<const float, 2>({ settings.red, settings.blue }));
	list.set(controls::ColourTemperature, 4700);
	list.set(controls::ColourCorrectionMatrix,
		 Span<const float, 9>({ 2.1f, -1.0f, -0.1f, -0.4f, 2.1f, -0.7f, -0.1f, -0.5f, 1.6f }));
	list.set(controls::SensorBlackLevels, Span<const int32_t, 4>({ 4096, 4096, 4096, 4096 }));
	list.set(controls::FocusFoM, 1000);
	list.set(controls::ScalerCrop, settings.crop);
}

uint8_t *RigCameraData::map(const FrameBuffer *buffer)
{
	auto found = mapped_.find(buffer);
	if (found != mapped_.end())
		return found->second.first;
	const FrameBuffer::Plane &plane = buffer->planes()[0];
	void *memory = mmap(nullptr, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, plane.fd.get(), 0);
	if (memory == MAP_FAILED)
		LOG(RigIMX477, Fatal) << "a buffer cannot be mapped: " << strerror(errno);
	mapped_[buffer] = { static_cast<uint8_t *>(memory), plane.length };
	return static_cast<uint8_t *>(memory);
}

void RigCameraData::halt()
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

/* -- configuration ------------------------------------------------------------------------------------------------ */

const SensorMode &RigConfiguration::chooseMode() const
{
	Size size(4056, 3040);
	unsigned int bits = 12;
	for (const StreamConfiguration &cfg : config_) {
		if (isRaw(cfg.pixelFormat)) {
			size = cfg.size;
			bits = BayerFormat::fromPixelFormat(cfg.pixelFormat).bitDepth;
		}
	}
	if (sensorConfig) {
		size = sensorConfig->outputSize;
		bits = sensorConfig->bitDepth;
	}
	const SensorMode *best = &data_->modes_.back();
	double bestScore = 1e18;
	for (const SensorMode &mode : data_->modes_) {
		const double score = std::abs(int(mode.size.width) - int(size.width)) +
				     std::abs(int(mode.size.height) - int(size.height)) +
				     500 * std::abs(int(mode.bits) - int(bits));
		if (score < bestScore) {
			bestScore = score;
			best = &mode;
		}
	}
	return *best;
}

CameraConfiguration::Status RigConfiguration::validate()
{
	if (config_.empty() || config_.size() > RigCameraData::kStreams || fault("no-mode"))
		return Invalid;
	Status status = Valid;
	mode_ = chooseMode();
	if (orientation != Orientation::Rotate0 && orientation != Orientation::Rotate180) {
		orientation = Orientation::Rotate0;
		status = Adjusted;
	}
	for (StreamConfiguration &cfg : config_) {
		const Status one = isRaw(cfg.pixelFormat) ? validateRaw(cfg) : validatePicture(cfg);
		if (one == Adjusted)
			status = Adjusted;
	}
	return status;
}

/* The module sits upside down (Rotation 180): an upright picture has the sensor flipped both ways. */
CameraConfiguration::Status RigConfiguration::validateRaw(StreamConfiguration &cfg) const
{
	const BayerFormat asked = BayerFormat::fromPixelFormat(cfg.pixelFormat);
	const auto order = orientation == Orientation::Rotate0 ? BayerFormat::BGGR : BayerFormat::RGGB;
	BayerFormat::Packing packing = asked.packing;
	unsigned int bits = mode_.bits;
	if (isPisp()) {
		const bool packed = packing != BayerFormat::Packing::None;
		packing = packed || fault("comp1") ? BayerFormat::Packing::PISP1 : BayerFormat::Packing::None;
		bits = 16;
	} else if (packing == BayerFormat::Packing::CSI2 && bits == 8) {
		packing = BayerFormat::Packing::None;
	}
	const PixelFormat granted = rawFormat(order, bits, packing);
	const bool adjusted = granted != cfg.pixelFormat || cfg.size != mode_.size;
	cfg.pixelFormat = granted;
	cfg.size = mode_.size;
	const unsigned int width = cfg.size.width;
	if (packing == BayerFormat::Packing::CSI2)
		cfg.stride = alignUp(width * bits / 8, 32);
	else if (packing == BayerFormat::Packing::PISP1 || bits == 8)
		cfg.stride = alignUp(width, 64);
	else
		cfg.stride = alignUp(width * 2, isPisp() ? 64 : 32);
	cfg.frameSize = cfg.stride * cfg.size.height;
	cfg.colorSpace = ColorSpace::Raw;
	return adjusted ? Adjusted : Valid;
}

CameraConfiguration::Status RigConfiguration::validatePicture(StreamConfiguration &cfg) const
{
	static const std::set<PixelFormat> known = { formats::YUV420, formats::NV12, formats::RGB888,
						     formats::BGR888, formats::XRGB8888, formats::XBGR8888 };
	bool adjusted = false;
	if (!known.count(cfg.pixelFormat)) {
		cfg.pixelFormat = formats::YUV420;
		adjusted = true;
	}
	const Size size = cfg.size.boundedTo({ 4056, 3040 }).expandedTo({ 64, 64 }).alignedDownTo(2, 2);
	adjusted |= size != cfg.size;
	cfg.size = size;
	const unsigned int align = isPisp() ? 64 : 32;
	const bool planar = cfg.pixelFormat == formats::YUV420, semi = cfg.pixelFormat == formats::NV12;
	const unsigned int bytes = planar || semi ? 1
				   : cfg.pixelFormat == formats::RGB888 || cfg.pixelFormat == formats::BGR888 ? 3 : 4;
	cfg.stride = alignUp(size.width * bytes, planar ? 2 * align : align);
	cfg.frameSize = cfg.stride * size.height * (planar || semi ? 3 : 2) / 2;
	if (!cfg.colorSpace)
		cfg.colorSpace = ColorSpace::Sycc;
	return adjusted ? Adjusted : Valid;
}

/* -- the pipeline handler ----------------------------------------------------------------------------------------- */

std::unique_ptr<CameraConfiguration> PipelineHandlerRig::generateConfiguration(Camera *camera, Span<const StreamRole> roles)
{
	RigCameraData *data = dataOf(camera);
	auto config = std::make_unique<RigConfiguration>(data);
	for (const StreamRole role : roles) {
		std::map<PixelFormat, std::vector<SizeRange>> offered;
		StreamConfiguration first;
		if (role == StreamRole::Raw) {
			for (const SensorMode &mode : data->modes_) {
				const auto packing = mode.bits == 8 ? BayerFormat::Packing::None : BayerFormat::Packing::CSI2;
				offered[rawFormat(BayerFormat::RGGB, mode.bits, packing)].push_back(SizeRange(mode.size));
			}
			first.pixelFormat = rawFormat(BayerFormat::RGGB, 12, BayerFormat::Packing::CSI2);
			first.size = Size(4056, 3040);
		} else {
			for (const PixelFormat &format : { formats::YUV420, formats::NV12, formats::RGB888, formats::BGR888,
							   formats::XRGB8888, formats::XBGR8888 })
				offered[format].push_back(SizeRange(Size(64, 64), Size(4056, 3040), 2, 2));
			first.pixelFormat = formats::XRGB8888;
			first.size = Size(800, 600);
		}
		StreamConfiguration cfg{ StreamFormats(offered) };
		cfg.pixelFormat = first.pixelFormat;
		cfg.size = first.size;
		cfg.bufferCount = 4;
		config->addConfiguration(cfg);
	}
	if (!roles.empty())
		config->validate();
	return config;
}

int PipelineHandlerRig::configure(Camera *camera, CameraConfiguration *config)
{
	RigCameraData *data = dataOf(camera);
	data->useMode(static_cast<RigConfiguration *>(config)->mode());
	for (unsigned int i = 0; i < config->size(); i++) {
		StreamConfiguration &cfg = config->at(i);
		cfg.setStream(&data->streams_[i]);
		data->plates_[i].configure(cfg, data->mode_);
	}
	return 0;
}

int PipelineHandlerRig::start(Camera *camera, const ControlList *controls)
{
	RigCameraData *data = dataOf(camera);
	if (controls)
		data->apply(*controls, data->start_);
	data->run();
	return 0;
}

void PipelineHandlerRig::stopDevice(Camera *camera)
{
	RigCameraData *data = dataOf(camera);
	data->halt();
	thread()->dispatchMessages(Message::Type::InvokeMessage, this);
	while (!data->queuedRequests_.empty())
		cancelRequest(data->queuedRequests_.front());
}

int PipelineHandlerRig::queueRequestDevice(Camera *camera, Request *request)
{
	dataOf(camera)->queue(request);
	return 0;
}

void PipelineHandlerRig::filled(Request *request)
{
	bool done = false;
	for (const auto &[stream, buffer] : request->buffers())
		done = completeBuffer(request, buffer);
	if (done)
		completeRequest(request);
}

bool PipelineHandlerRig::match(DeviceEnumerator *)
{
	if (created_ || fault("absent"))
		return false;
	created_ = mine_ = true;
	auto data = std::make_unique<RigCameraData>(this);
	std::set<Stream *> streams;
	for (Stream &stream : data->streams_)
		streams.insert(&stream);
	const std::string id = isPisp() ? "/base/axi/pcie@1000120000/rp1/i2c@88000/imx477@1a"
					: "/base/soc/i2c0mux/i2c@1/imx477@1a";
	registerCamera(Camera::create(std::move(data), id, streams));
	return true;
}

REGISTER_PIPELINE_HANDLER(PipelineHandlerRig, "virtual")

} /* namespace libcamera */
