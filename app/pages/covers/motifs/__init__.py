"""The drawings of covers: a module for each kind of thing they show, and each genre's choice."""

from app.pages.covers.motifs import buildings, faces, land, patterns, sky, things
from app.pages.covers.motifs.shapes import Motif

OF_GENRE: dict[str, tuple[Motif, ...]] = {
    "Documentary": (patterns.columns, land.contours, patterns.levels, patterns.strands),
    "Film-Noir": (buildings.beam, buildings.blinds, buildings.skyline, buildings.stairs),
    "Western": (land.cactus, land.sunset, land.hills, land.peaks),
    "Horror": (faces.fangs, faces.eye, sky.crescent, buildings.keyhole),
    "Musical": (things.keys, patterns.levels, things.petals, buildings.beam),
    "War": (patterns.ranks, land.smoke, land.hills, patterns.chevrons),
    "Animation": (patterns.squares, things.balloons, things.confetti, sky.orbits),
    "IMAX": (sky.planet, land.peaks, land.contours, land.sunset),
    "Sci-Fi": (sky.orbits, sky.planet, land.grid, patterns.levels),
    "Children": (things.balloons, things.confetti, faces.grin, things.petals),
    "Fantasy": (buildings.castle, sky.crescent, things.petals, sky.planet),
    "Mystery": (buildings.keyhole, faces.eye, patterns.spiral, buildings.window),
    "Crime": (
        buildings.blinds,
        buildings.skyline,
        buildings.stairs,
        patterns.ranks,
        buildings.window,
    ),
    "Romance": (patterns.overlap, things.petals, patterns.strands, land.sunset),
    "Adventure": (land.peaks, land.contours, land.hills, land.sunset),
    "Thriller": (
        patterns.spiral,
        patterns.chevrons,
        buildings.stairs,
        faces.eye,
        buildings.skyline,
    ),
    "Action": (patterns.burst, patterns.chevrons, land.smoke, buildings.skyline),
    "Comedy": (things.confetti, faces.grin, things.balloons, patterns.squares),
    "Drama": (
        buildings.window,
        patterns.strands,
        land.sunset,
        land.hills,
        patterns.overlap,
        buildings.stairs,
    ),
    "(no genres listed)": (patterns.strands, patterns.columns, patterns.overlap),
}
"""Genre -> its motifs, at least three: the best of a genre are shown side by side."""
