/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated camera: a sensor that ticks in its own thread, and what a Raspberry Pi's algorithms do to it. */

#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdint.h>
#include <thread>
#include <utility>
#include <vector>

#include <libcamera/controls.h>
#include <libcamera/request.h>
#include <libcamera/stream.h>

#include "libcamera/internal/camera.h"

#include "pixels.h"
#include "sensor.h"

namespace libcamera::rig {

using Clock = std::chrono::steady_clock;

class RigCamera : public Camera::Private
{
public:
	static constexpr unsigned int kStreams = 3; /* main, lores, raw */

	/* `filled` and `lost` are called in the sensor's thread. */
	RigCamera(PipelineHandler *pipe, std::function<void(Request *)> filled, std::function<void()> lost);
	~RigCamera() { halt(); }

	const std::vector<SensorMode> &modes() const { return modes_; }
	Stream *stream(unsigned int index) { return &streams_[index]; }

	/* While stopped. */
	void useMode(const SensorMode &mode);
	void layOut(unsigned int index, const StreamConfiguration &cfg) { plates_[index].configure(cfg, mode_); }
	void change(const ControlList &controls) { apply(controls, start_); }
	void run();

	void queue(Request *request);
	void halt();

private:
	void expose(); /* the sensor's thread */
	bool sleepUntil(Clock::time_point moment);
	Request *take();

	void apply(const ControlList &controls, Settings &settings) const;
	void meter(Settings &settings) const;
	Settings delivered(Settings settings) const;
	int64_t durationUs(const Settings &settings) const;

	void fill(Request *request, const Settings &settings, Clock::time_point readout, int64_t durationUs);
	void describe(ControlList &list, const Settings &settings, int64_t timestampNs, int64_t durationUs) const;
	uint8_t *map(const FrameBuffer *buffer);

	const std::function<void(Request *)> filled_;
	const std::function<void()> lost_;
	const std::vector<SensorMode> modes_;
	SensorMode mode_;
	std::array<Stream, kStreams> streams_;
	std::array<Plate, kStreams> plates_;
	std::map<const FrameBuffer *, std::pair<uint8_t *, size_t>> mapped_;
	uint32_t sequence_ = 0;

	Settings start_; /* of the next start: algorithms go on from where they were */

	std::thread thread_;
	std::mutex mutex_; /* of what follows */
	std::condition_variable wake_;
	bool stopping_ = false;
	std::deque<Request *> waiting_;
};

} /* namespace libcamera::rig */
