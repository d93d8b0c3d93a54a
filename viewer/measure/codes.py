"""Codes that measurements are called by in structured reports (PS3.16 CID 7470, 7472, 7464)."""

from viewer.model.refs import Code

SCT, DCM, OWN = "SCT", "DCM", "99LIGHTBOX"

LENGTH = Code("410668003", SCT, "Length")
LONG_AXIS = Code("103339001", SCT, "Long Axis")
SHORT_AXIS = Code("103340004", SCT, "Short Axis")
PATH_LENGTH = Code("121211", DCM, "Path length")
DISTANCE = Code("121206", DCM, "Distance")
PERIMETER = Code("131191004", SCT, "Perimeter")
WIDTH = Code("103355008", SCT, "Width")
HEIGHT = Code("121207", DCM, "Height")
DIAMETER = Code("81827009", SCT, "Diameter")
RADIUS = Code("131190003", SCT, "Radius")
AREA = Code("42798000", SCT, "Area")
ANGLE = Code("1483009", SCT, "Angle")
SUPPLEMENT = Code("supplementary-angle", OWN, "Supplementary angle")
COBB = Code("285285000", SCT, "Cobb angle")
HEART_WIDTH = Code("heart-width", OWN, "Width of the heart")
THORAX_WIDTH = Code("thorax-width", OWN, "Width of the thorax")
HEART_RATIO = Code("cardiothoracic-ratio", OWN, "Cardiothoracic ratio")
VOLUME = Code("118565006", SCT, "Volume")
DEPTH = Code("131197000", SCT, "Depth")
MIDDLE_AXIS = Code("middle-axis", OWN, "Middle axis")
VOXELS = Code("number-of-voxels", OWN, "Number of voxels")
PIXELS = Code("number-of-pixels", OWN, "Number of pixels")

ATTENUATION = Code("112031", DCM, "Attenuation Coefficient")
SUV = Code("126400", DCM, "Standardized Uptake Value")
SUV_BW = Code("126401", DCM, "SUVbw")
SUV_LBM = Code("126402", DCM, "SUVlbm")
SUV_BSA = Code("126403", DCM, "SUVbsa")
MR_SIGNAL = Code("110852", DCM, "MR signal intensity")
VALUE = Code("pixel-value", OWN, "Pixel value")

MEAN = Code("373098007", SCT, "Mean")
DEVIATION = Code("386136009", SCT, "Standard Deviation")
MINIMUM = Code("255605001", SCT, "Minimum")
MAXIMUM = Code("56851009", SCT, "Maximum")
MEDIAN = Code("373099004", SCT, "Median")
