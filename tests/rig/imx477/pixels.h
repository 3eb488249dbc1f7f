/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One stream's pixels: the light once per size, the rendering once per brightness, then a copy per frame.
 *
 * The first 32 blocks of every picture and raw, in one row, spell the low 32 bits of SensorTimestamp in microseconds,
 * least significant first, white for 1: so a test can tell of which frame the pixels are. A block is width / 64 wide and
 * high, rounded down to even.
 */

#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string.h>
#include <tuple>
#include <vector>

#include <libcamera/formats.h>
#include <libcamera/pixel_format.h>
#include <libcamera/stream.h>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/formats.h"

#include "sensor.h"

namespace libcamera::rig {

inline bool isRaw(const PixelFormat &format)
{
	return PixelFormatInfo::info(format).colourEncoding == PixelFormatInfo::ColourEncodingRAW;
}

/* Bytes of a pixel in the first plane. */
inline unsigned int pixelBytes(const PixelFormat &format)
{
	if (format == formats::YUV420 || format == formats::NV12)
		return 1;
	return format == formats::RGB888 || format == formats::BGR888 ? 3 : 4;
}

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

	/* Brightness 1.0 brings light 1.0 to the end of the scale; more clips. */
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

	/* A photosite sees grey at the reciprocal of its white balance gain. */
	static double filter(BayerFormat::Order order, unsigned int x, unsigned int y)
	{
		if (order == BayerFormat::MONO)
			return 1.0;
		static const char *const cells[] = { "BGGR", "GBRG", "GRBG", "RGGB" };
		static const auto gains = gainsAt(kSceneKelvin);
		const char colour = cells[order][(y & 1) * 2 + (x & 1)];
		return colour == 'G' ? 1.0 : 1 / (colour == 'R' ? gains.first : gains.second);
	}

	void renderRaw()
	{
		const BayerFormat bayer = BayerFormat::fromPixelFormat(format_);
		const bool comp1 = bayer.packing == BayerFormat::Packing::PISP1;
		const unsigned int black = kBlack16 >> (16 - bits_), white = (1u << bits_) - 1;
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
		const unsigned int channels = pixelBytes(format_);
		for (unsigned int y = 0; y < size_.height; y++) {
			const uint16_t *in = scene_->data() + size_t(y) * size_.width;
			uint8_t *row = bytes_.data() + size_t(y) * stride_;
			for (unsigned int x = 0; x < size_.width; x++)
				memset(row + x * channels, table[in[x]], channels);
			for (unsigned int x = 3; channels == 4 && x < size_.width * 4; x += 4)
				row[x] = 255;
		}
		if (channels == 1)
			memset(bytes_.data() + size_t(stride_) * size_.height, 128,
			       bytes_.size() - size_t(stride_) * size_.height);
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
			memset(row + from * pixelBytes(format_), on ? 255 : 0, count * pixelBytes(format_));
			return;
		}
		const BayerFormat bayer = BayerFormat::fromPixelFormat(format_);
		if (bayer.packing == BayerFormat::Packing::CSI2) {
			memset(row + from * bits_ / 8, on ? 0xff : 0x10, count * bits_ / 8);
		} else if (bayer.packing == BayerFormat::Packing::PISP1 || bayer.bitDepth == 8) {
			memset(row + from, on ? 0xff : 0x10, count);
		} else {
			const unsigned int shift = bayer.bitDepth > bits_ ? bayer.bitDepth - bits_ : 0;
			const unsigned int value = on ? (1u << bits_) - 1 : kBlack16 >> (16 - bits_);
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

} /* namespace libcamera::rig */
