/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A simulated IMX477 behind libcamera, for testing hqcam with the real picamera2 where there is no camera.
 * It follows the structure of libcamera's own virtual pipeline handler.
 *
 * The environment says what it is: HQCAM_RIG_PLATFORM (vc4 or pisp: how raw is granted), HQCAM_RIG_KERNEL (classic or
 * new: which modes) and HQCAM_RIG_FAULTS (a folder; a file named after a fault is that fault while it exists):
 * absent, busy, comp1, corrupt, no-mode, slow, stall, unplug; dark, by as many EV as the file says; and no-memory, which
 * is of the stand-in for the dma-heap. HQCAM_RIG_VARIANT names what is odd about the camera, joined by commas: limit-none
 * and limit-largest (no longest exposure is told), link-750 and link-909 (MHz), crop-beyond (the array), crop-128 (the
 * smallest), no-temperature, zero-temperature, lux (one that is measured), wall-clock-us, mono.
 */

#include <errno.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <libcamera/base/log.h>

#include <libcamera/formats.h>
#include <libcamera/orientation.h>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/media_device.h"
#include "libcamera/internal/pipeline_handler.h"
#include "libcamera/internal/request.h"

#include "camera.h"

namespace libcamera {

using namespace rig;

namespace {

unsigned int alignUp(unsigned int value, unsigned int to)
{
	return (value + to - 1) / to * to;
}

PixelFormat rawFormat(BayerFormat::Order order, unsigned int bits, BayerFormat::Packing packing)
{
	return BayerFormat(order, static_cast<uint8_t>(bits), packing).toPixelFormat();
}

} /* namespace */

class RigConfiguration : public CameraConfiguration
{
public:
	RigConfiguration(RigCamera *data)
		: data_(data), mode_(data->modes().back())
	{
	}

	Status validate() override;
	const SensorMode &mode() const { return mode_; }

private:
	const SensorMode &chooseMode() const;
	Status validateRaw(StreamConfiguration &cfg) const;
	Status validatePicture(StreamConfiguration &cfg) const;

	RigCamera *data_;
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
		if (media_) /* its slot holds it, and must not be the last to */
			media_->disconnected.disconnect();
	}

	std::unique_ptr<CameraConfiguration> generateConfiguration(Camera *camera, Span<const StreamRole> roles) override;
	int configure(Camera *camera, CameraConfiguration *config) override;
	int exportFrameBuffers(Camera *, Stream *, std::vector<std::unique_ptr<FrameBuffer>> *) override { return -ENOTSUP; }
	int start(Camera *camera, const ControlList *controls) override;
	void stopDevice(Camera *camera) override;
	int queueRequestDevice(Camera *camera, Request *request) override;
	bool acquireDevice(Camera *) override { return !fault("busy"); }
	bool match(DeviceEnumerator *) override;

private:
	static RigCamera *dataOf(Camera *camera) { return static_cast<RigCamera *>(camera->_d()); }

	void complete(Request *request);
	void unplug();

	static bool created_;
	bool mine_ = false;
	bool unplugged_ = false;
	std::weak_ptr<Camera> camera_;
	std::shared_ptr<MediaDevice> media_;
};

bool PipelineHandlerRig::created_ = false;

/* -- configuration ------------------------------------------------------------------------------------------------ */

const SensorMode &RigConfiguration::chooseMode() const
{
	Size size = kFull;
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
	const SensorMode *best = &data_->modes().back();
	double bestScore = 1e18;
	for (const SensorMode &mode : data_->modes()) {
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
	if (config_.empty() || config_.size() > RigCamera::kStreams || fault("no-mode"))
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
	const auto order = variant("mono")			       ? BayerFormat::MONO
			   : orientation == Orientation::Rotate0 ? BayerFormat::BGGR
								  : BayerFormat::RGGB;
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
	const Size size = cfg.size.boundedTo(kFull).expandedTo({ 64, 64 }).alignedDownTo(2, 2);
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
	RigCamera *data = dataOf(camera);
	auto config = std::make_unique<RigConfiguration>(data);
	for (const StreamRole role : roles) {
		std::map<PixelFormat, std::vector<SizeRange>> offered;
		StreamConfiguration first;
		if (role == StreamRole::Raw) {
			const auto order = variant("mono") ? BayerFormat::MONO : BayerFormat::RGGB;
			for (const SensorMode &mode : data->modes()) {
				const auto packing = mode.bits == 8 ? BayerFormat::Packing::None : BayerFormat::Packing::CSI2;
				offered[rawFormat(order, mode.bits, packing)].push_back(SizeRange(mode.size));
			}
			first.pixelFormat = rawFormat(order, 12, BayerFormat::Packing::CSI2);
			first.size = kFull;
		} else {
			for (const PixelFormat &format : { formats::YUV420, formats::NV12, formats::RGB888, formats::BGR888,
							   formats::XRGB8888, formats::XBGR8888 })
				offered[format].push_back(SizeRange(Size(64, 64), kFull, 2, 2));
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
	if (unplugged_)
		return -ENODEV;
	RigCamera *data = dataOf(camera);
	data->useMode(static_cast<RigConfiguration *>(config)->mode());
	for (unsigned int i = 0; i < config->size(); i++) {
		config->at(i).setStream(data->stream(i));
		data->layOut(i, config->at(i));
	}
	return 0;
}

int PipelineHandlerRig::start(Camera *camera, const ControlList *controls)
{
	if (unplugged_)
		return -ENODEV;
	RigCamera *data = dataOf(camera);
	if (controls)
		data->change(*controls);
	data->run();
	return 0;
}

void PipelineHandlerRig::stopDevice(Camera *camera)
{
	RigCamera *data = dataOf(camera);
	data->halt();
	thread()->dispatchMessages(Message::Type::InvokeMessage, this);
	while (!data->queuedRequests_.empty())
		cancelRequest(data->queuedRequests_.front());
}

int PipelineHandlerRig::queueRequestDevice(Camera *camera, Request *request)
{
	if (unplugged_)
		return -ENODEV;
	dataOf(camera)->queue(request);
	return 0;
}

void PipelineHandlerRig::complete(Request *request)
{
	bool done = false;
	for (const auto &[stream, buffer] : request->buffers())
		done = completeBuffer(request, buffer);
	if (done)
		completeRequest(request);
}

/* The way libcamera takes when the kernel loses the media device of a USB camera. */
void PipelineHandlerRig::unplug()
{
	const auto self = shared_from_this(); /* losing its last camera would end it */
	unplugged_ = true;
	if (const auto camera = camera_.lock())
		stopDevice(camera.get());
	media_->disconnected.emit();
}

bool PipelineHandlerRig::match(DeviceEnumerator *)
{
	if (created_ || fault("absent") || fault("unplug"))
		return false;
	created_ = mine_ = true;
	media_ = std::make_shared<MediaDevice>("the rig's");
	hotplugMediaDevice(media_);
	auto data = std::make_unique<RigCamera>(
		this, [this](Request *request) { invokeMethod(&PipelineHandlerRig::complete, ConnectionTypeQueued, request); },
		[this] { invokeMethod(&PipelineHandlerRig::unplug, ConnectionTypeQueued); });
	std::set<Stream *> streams;
	for (unsigned int i = 0; i < RigCamera::kStreams; i++)
		streams.insert(data->stream(i));
	const std::string id = isPisp() ? "/base/axi/pcie@1000120000/rp1/i2c@88000/imx477@1a"
					: "/base/soc/i2c0mux/i2c@1/imx477@1a";
	std::shared_ptr<Camera> camera = Camera::create(std::move(data), id, streams);
	camera_ = camera;
	registerCamera(std::move(camera));
	return true;
}

REGISTER_PIPELINE_HANDLER(PipelineHandlerRig, "virtual")

} /* namespace libcamera */
