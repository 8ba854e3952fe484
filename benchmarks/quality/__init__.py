"""`bin/bench quality`: what a run recommends against baselines, on a MovieLens folder."""
