"""How good a symbol looked when it was read, after the idea of ISO/IEC 15416."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one symbol as the camera saw it; a falling one tells of a dying lamp, lens or printer.

    The standard scans one line of a sharp picture; here the profile is averaged along the bars and holds
    the camera's blur too, so that figures compare between reads of one camera, not with a verifier's.

    contrast        symbol contrast: lightest space minus darkest bar of the profile, share of full scale
    edge_contrast   least difference between neighbouring bar and space, share of full scale
    modulation      edge_contrast / contrast, 0 to 1
    decodability    least distance of an edge from where it would be misjudged, share of that distance, 0 to 1
    module_px       width of one module along the reading axis
    blur_px         motion blur along the reading axis, a box's full width
    defocus_px      standard deviation of the remaining, round blur
    noise_greys     standard deviation of one pixel about the fitted symbol
    angle_deg       direction of reading, first character to last, clockwise from rising columns, [0, 360)
    """

    contrast: float
    edge_contrast: float
    modulation: float
    decodability: float
    module_px: float
    blur_px: float
    defocus_px: float
    noise_greys: float
    angle_deg: float
