"""`hqcam bench`: what the promises on speed, age and memory are worth on this machine."""
