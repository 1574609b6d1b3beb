// What the numbers of EXIF's enumerations mean, in words (Exif 3.0, 4.6.6). A number that means "unknown" or nothing has no word.

type Words = Readonly<Record<number, string>>;

export const EXPOSURE_PROGRAMS: Words = {
  1: 'manual',
  2: 'normal',
  3: 'aperture-priority',
  4: 'shutter-priority',
  5: 'creative',
  6: 'action',
  7: 'portrait',
  8: 'landscape',
};

export const METERING_MODES: Words = {
  1: 'average',
  2: 'center-weighted',
  3: 'spot',
  4: 'multi-spot',
  5: 'pattern',
  6: 'partial',
  255: 'other',
};

export const WHITE_BALANCES: Words = { 0: 'auto', 1: 'manual' };

export const LIGHT_SOURCES: Words = {
  1: 'daylight',
  2: 'fluorescent',
  3: 'tungsten',
  4: 'flash',
  9: 'fine-weather',
  10: 'cloudy',
  11: 'shade',
  12: 'daylight-fluorescent',
  13: 'day-white-fluorescent',
  14: 'cool-white-fluorescent',
  15: 'white-fluorescent',
  16: 'warm-white-fluorescent',
  17: 'standard-light-a',
  18: 'standard-light-b',
  19: 'standard-light-c',
  20: 'd55',
  21: 'd65',
  22: 'd75',
  23: 'd50',
  24: 'iso-studio-tungsten',
  255: 'other',
};

/** 2 is no number of EXIF: cameras of the time before DCF 2.0 write it. */
export const COLOR_SPACES: Words = { 1: 'srgb', 2: 'adobe-rgb', 65535: 'uncalibrated' };

/** GPSImgDirectionRef. */
export const DIRECTION_REFERENCES: Readonly<Record<string, string>> = { T: 'true', M: 'magnetic' };

/** GPSSpeedRef: kilometres, miles and nautical miles an hour. */
export const METRES_PER_SECOND: Readonly<Record<string, number>> = {
  K: 1 / 3.6,
  M: 0.44704,
  N: 1852 / 3600,
};
