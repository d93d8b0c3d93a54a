"""Images: headers, pixels, calibration, measurements, viewports; knows no case and no report."""
