"""A simulated camera that is not as published is measured to be what it is: what the simulator was given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_bench import DARK_US, HEIGHT, SHORTEST_US, WIDTH, Bench

from device.calibration import cap, photon_transfer
from device.calibration.cap import DarkLevel, HotSites
from device.calibration.fixed_pattern import dust, prnu
from device.calibration.photon_transfer import Transfer
from device.errors import BadInput
from device.frame import Mask
from device.sensors.base import NoiseModel
from device.sensors.imx477 import IMX477
from device.simulator.unit import Dust, Unit

GAINS = (1.0, 2.0, 4.0, 8.0, 16.0)
OTHERS = {
    "more of both": NoiseModel(0.52, 3.0, 6.0),
    "less gain": NoiseModel(0.43, 2.31, 8.29),
    "all noise after the amplifier": NoiseModel(0.47, 0.0, 14.0),
    "all noise before it": NoiseModel(0.47, 4.0, 0.0),
}


def darks_of(bench: Bench) -> list[DarkLevel]:
    return [cap.dark_level(*bench.cap_pair(SHORTEST_US, gain)) for gain in GAINS]


@pytest.mark.parametrize("name", OTHERS)
def test_gain_is_within_1_percent_and_read_noise_within_3(name: str) -> None:
    bench = Bench(OTHERS[name], Unit(prnu=0.01, corner_ev=-0.7), seed=len(name))
    darks = darks_of(bench)
    transfers = [
        photon_transfer.transfer([bench.paper_pair(share, dark.gain) for share in (0.1, 0.3, 0.6)], dark)
        for dark in darks[::2]
    ]
    for dark in darks:
        assert dark.read_noise_dn == pytest.approx(bench.noise.read_noise_dn(dark.gain), rel=0.01)
        assert dark.black_dn == pytest.approx((259.3,) * 4, abs=0.05)
    for found in transfers:
        assert found.dn_per_e == pytest.approx(bench.noise.dn_per_e * found.gain, rel=0.005)
        assert found.error < 0.002
    model = photon_transfer.noise_model(transfers, darks, IMX477.noise)
    assert model.dn_per_e == pytest.approx(bench.noise.dn_per_e, rel=0.004)
    for gain in (*GAINS, 3.0, 21.787):
        assert model.read_noise_dn(gain) == pytest.approx(bench.noise.read_noise_dn(gain), rel=0.015)


def test_noise_of_less_than_half_a_code_is_not_told_and_spoils_nothing() -> None:
    quiet = NoiseModel(0.1115, 4.0, 0.84)  # 2.2 e- are a quarter of a code
    darks = darks_of(Bench(quiet, Unit(), seed=3))
    assert [dark.noise_is_told for dark in darks] == [quiet.read_noise_dn(dark.gain) > 0.5 for dark in darks]
    assert not darks[0].noise_is_told and darks[-1].noise_is_told
    model = photon_transfer.noise_model([Transfer(1.0, 0.1115, 0.001)], darks, IMX477.noise)
    for gain in (8.0, 16.0):
        assert model.read_noise_dn(gain) == pytest.approx(quiet.read_noise_dn(gain), rel=0.03)
    untold = photon_transfer.noise_model([Transfer(1.0, 0.1115, 0.001)], darks[:1], IMX477.noise)
    assert untold == replace(IMX477.noise, dn_per_e=0.1115)


def hot_of(bench: Bench, gain: float = 4.0) -> HotSites:
    return cap.hot_sites([bench.cap_pair(us, gain) for us in (SHORTEST_US, *DARK_US)])


@pytest.mark.parametrize("seed", [1, 2])
def test_95_percent_of_hot_sites_are_found_and_under_1_percent_are_not_there(seed: int) -> None:
    unit = Unit(hot_count=800, hot_rate_e_s=(5, 3000), seed=seed)
    bench = Bench(unit=unit, seed=seed)
    found = hot_of(bench)
    rows, columns, rates = unit.hot_sites(WIDTH, HEIGHT)
    there = {(int(x), int(y)): rate * bench.noise.dn_per_e for x, y, rate in zip(columns, rows, rates, strict=True)}
    told = {(site.x, site.y): site.rate_dn_s for site in found.sites}
    assert sum(place in told for place in there) >= 0.95 * len(there)
    assert sum(place not in there for place in told) <= 0.01 * len(told)
    assert found.found == len(told) and found.limit_dn_s < 2.0 and abs(found.dark_dn_s) < 0.01
    off = [told[place] / rate - 1 for place, rate in there.items() if place in told and rate < 400]
    assert abs(np.median(off)) < 0.01 and np.percentile(np.abs(off), 90) < 0.15
    assert [site.rate_dn_s for site in found.sites] == sorted((s.rate_dn_s for s in found.sites), reverse=True)


def test_a_particle_in_one_frame_is_no_hot_site() -> None:
    bench = Bench()
    pairs = [bench.cap_pair(us, 4.0) for us in (SHORTEST_US, *DARK_US)]
    pairs[-1][0].samples[100:110, 200] = 3000
    assert cap.hot_sites(pairs).sites == ()


def test_hot_sites_need_two_exposures() -> None:
    bench = Bench()
    with pytest.raises(BadInput, match="one exposure"):
        cap.hot_sites([bench.cap_pair(SHORTEST_US, 4.0)])


def mask_of(found: HotSites) -> Mask:
    return cap.mask_of(found.sites, (HEIGHT, WIDTH))


@pytest.mark.parametrize("share", [0.003, 0.009, 0.02])
def test_unequal_response_is_measured_beside_hot_sites_and_dust(share: float) -> None:
    bench = Bench(unit=Unit(hot_count=400, prnu=share, dust=(Dust(600, 500, 20, 0.1),)))
    dark = darks_of(bench)[0]
    frames = [bench.paper(0.6, 1.0) for _ in range(4)]
    hot = mask_of(hot_of(bench))
    found = photon_transfer.transfer([(frames[0], frames[1])], dark, hot)
    assert prnu(frames, dark, found, hot) == pytest.approx(share, rel=0.04)


def test_an_equal_response_is_next_to_none() -> None:
    bench = Bench()
    dark = darks_of(bench)[0]
    frames = [bench.paper(0.6, 1.0) for _ in range(4)]
    found = photon_transfer.transfer([(frames[0], frames[1])], dark)
    assert prnu(frames, dark, found) < 0.001


def test_dust_is_found_where_it_is_and_nowhere_else() -> None:
    grains = (Dust(600, 500, 20, 0.1), Dust(1200, 300, 40, 0.05))
    bench = Bench(unit=Unit(dust=grains, prnu=0.005, corner_ev=-1.0))
    spots = dust([bench.paper(0.6, 1.0) for _ in range(4)], darks_of(bench)[0])
    assert len(spots) == len(grains)
    for spot, grain in zip(spots, grains, strict=True):
        assert abs(spot.x - grain.x) <= 8 and abs(spot.y - grain.y) <= 8
        assert spot.depth == pytest.approx(grain.depth, rel=0.25)
        assert 1.5 * grain.radius_px < spot.diameter_px < 4 * grain.radius_px
    assert dust([Bench().paper(0.6, 1.0) for _ in range(4)], darks_of(bench)[0]) == ()


def test_too_little_light_is_told_rather_than_measured() -> None:
    bench = Bench()
    dark = darks_of(bench)[0]
    with pytest.raises(BadInput, match="only 0 blocks"):
        photon_transfer.transfer([bench.cap_pair(SHORTEST_US, 1.0)], dark)
