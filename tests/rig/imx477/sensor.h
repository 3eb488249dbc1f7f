/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is simulated: the IMX477's modes and gains, the light it stands in, and what the environment chose.
 *
 * Mode lists: "classic" as every Raspberry Pi kernel up to 6.6 offers them, with exposure limits as HQ camera users
 * report them; "new" after raspberrypi/linux#6798. Both are data of the test, not measurements.
 */

#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <libcamera/control_ids.h>
#include <libcamera/geometry.h>

namespace libcamera::rig {

inline const Size kFull(4056, 3040);
constexpr double kPixelRate = 840e6; /* Hz, classic: a link of 450 MHz */
constexpr unsigned int kMarginLines = 22; /* a frame is at least this much longer than its exposure */
constexpr float kGainMax = 1024.0f / (1024 - 978); /* the gain code goes to 978 */
constexpr unsigned int kBlack16 = 4096; /* black level on a 16-bit scale: 256 at 12 bit */
constexpr double kFullAt = 20000.0 / 0.6; /* exposure (us) x gain that brings light 1.0 to the end of the scale */
constexpr double kSceneMean = 0.5; /* the mean light of scene(), about */
constexpr double kMeanTarget = 0.165; /* where auto exposure wants the mean, of a linear scale of 1 */

inline std::string environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value ? value : otherwise;
}

/* A fault lasts while a file of its name is in the folder. */
inline bool fault(const char *name)
{
	const std::string folder = environment("HQCAM_RIG_FAULTS", "");
	return !folder.empty() && access((folder + "/" + name).c_str(), F_OK) == 0;
}

/* What is odd about this camera, as dumps of others show theirs; see imx477.cpp. */
inline bool variant(const std::string &name)
{
	return ("," + environment("HQCAM_RIG_VARIANT", "") + ",").find("," + name + ",") != std::string::npos;
}

/* The light on the scene, 1 by day: while the fault "dark" lasts, as many EV less as its file says. */
inline double light()
{
	if (!fault("dark"))
		return 1.0;
	double ev = 0.0;
	std::ifstream(environment("HQCAM_RIG_FAULTS", "") + "/dark") >> ev;
	return std::exp2(-ev);
}

/* The frequency of the link, MHz. */
inline double linkMhz()
{
	return variant("link-750") ? 750 : variant("link-909") ? 909 : 450;
}

/* A Pi 5 rather than a Pi 4. */
inline bool isPisp()
{
	return environment("HQCAM_RIG_PLATFORM", "vc4") == "pisp";
}

struct SensorMode {
	Size size;
	unsigned int bits;
	Rectangle crop;
	unsigned int lineLength; /* in pixels */
	double fps;
	int64_t maxExposure; /* us */

	double lineUs() const { return lineLength / (kPixelRate * linkMhz() / 450) * 1e6; }
	int32_t minExposure() const { return static_cast<int32_t>(4 * lineUs()); }
	int64_t minDuration() const { return std::lround(1e6 / fps); }
	int64_t readoutNs() const { return static_cast<int64_t>(size.height * lineUs() * 1000); }
};

inline std::vector<SensorMode> sensorModes()
{
	const int x = variant("crop-beyond") ? 8 : 0, y = variant("crop-beyond") ? 16 : 0;
	const Rectangle middle(696, 528, 2664, 1980), wide(x, 440 + y, 4056, 2160), full(x, y, 4056, 3040);
	if (linkMhz() > 450) {
		const double faster = linkMhz() / 750;
		return {
			{ { 1332, 990 }, 12, middle, 8291, 169.87 * faster, 300000000 },
			{ { 2028, 1080 }, 12, wide, 12190, 105.95 * faster, 300000000 },
			{ { 2028, 1520 }, 12, full, 12190, 75.36 * faster, 300000000 },
			{ { 4056, 2160 }, 12, wide, 23544, 27.48 * faster, 300000000 },
			{ { 4056, 3040 }, 12, full, 23544, 19.53 * faster, 300000000 },
		};
	}
	if (environment("HQCAM_RIG_KERNEL", "classic") != "new")
		return {
			{ { 1332, 990 }, 10, middle, 6664, 120.05, 667234896 },
			{ { 2028, 1080 }, 12, wide, 12740, 50.03, 674181621 },
			{ { 2028, 1520 }, 12, full, 12740, 40.01, 674181621 },
			{ { 4056, 3040 }, 12, full, 24000, 10.00, 694422939 },
		};
	std::vector<SensorMode> modes;
	for (unsigned int bits : { 8u, 10u, 12u }) {
		const double faster = 12.0 / bits; /* the link sets the speed: fewer bits, shorter lines */
		const auto line = [bits](unsigned int length) { return length * bits / 12; };
		modes.push_back({ { 1332, 990 }, bits, middle, line(6716), 100.0 * faster, 667234896 });
		modes.push_back({ { 2028, 1080 }, bits, wide, line(11856), 60.0 * faster, 674181621 });
		modes.push_back({ { 2028, 1520 }, bits, full, line(11856), 46.5 * faster, 674181621 });
		modes.push_back({ { 4056, 2160 }, bits, wide, line(23213), 16.6 * faster, 694422939 });
		modes.push_back({ { 4056, 3040 }, bits, full, line(23213), 11.89 * faster, 694422939 });
	}
	return modes;
}

/* Red and blue gain for a light of `kelvin`, between two points of the IMX477's tuning. */
inline std::pair<float, float> gainsAt(double kelvin)
{
	constexpr std::array<std::array<double, 3>, 5> curve = { {
		{ 2360, 0.6009, 0.3093 },
		{ 3628, 0.4261, 0.5564 },
		{ 4660, 0.3529, 0.6800 },
		{ 6125, 0.3129, 0.7100 },
		{ 9505, 0.2524, 0.7856 },
	} };
	const double k = std::clamp(kelvin, curve.front()[0], curve.back()[0]);
	unsigned int i = 1;
	while (k > curve[i][0])
		i++;
	const double part = (k - curve[i - 1][0]) / (curve[i][0] - curve[i - 1][0]);
	const auto between = [&](unsigned int c) { return std::lerp(curve[i - 1][c], curve[i][c], part); };
	return { static_cast<float>(1 / between(1)), static_cast<float>(1 / between(2)) };
}

constexpr double kSceneKelvin = 4660;

/* What white balance settles on: the scene's light, within what the mode allows (the tuning's ranges). */
inline double balancedKelvin(int32_t awbMode)
{
	switch (awbMode) {
	case controls::AwbIncandescent:
		return std::clamp(kSceneKelvin, 2500.0, 3000.0);
	case controls::AwbTungsten:
		return std::clamp(kSceneKelvin, 3000.0, 3500.0);
	case controls::AwbFluorescent:
		return std::clamp(kSceneKelvin, 4000.0, 4700.0);
	case controls::AwbIndoor:
		return std::clamp(kSceneKelvin, 3000.0, 5000.0);
	case controls::AwbDaylight:
		return std::clamp(kSceneKelvin, 5500.0, 6500.0);
	case controls::AwbCloudy:
		return std::clamp(kSceneKelvin, 7000.0, 8600.0);
	default:
		return kSceneKelvin;
	}
}

/* The light at a place of the frame (0..1), 0..1: a ramp, with a texture. */
inline double scene(double x, double y)
{
	const double texture = std::sin(x * 900) * std::sin(y * 700) > 0.3 ? 0.12 : 0.0;
	return 0.06 + 0.7 * x + 0.1 * y + texture;
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
	int32_t awbMode = controls::AwbAuto;
	double kelvin = kSceneKelvin;
	float red = gainsAt(kSceneKelvin).first;
	float blue = gainsAt(kSceneKelvin).second;
	Rectangle crop;
};

} /* namespace libcamera::rig */
