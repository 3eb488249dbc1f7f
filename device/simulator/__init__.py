"""The simulated HQ camera: scene -> lens -> sensor -> ISP, physics in numpy, seeded."""
