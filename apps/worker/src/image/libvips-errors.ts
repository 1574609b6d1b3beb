// What libvips' errors are about, told by their words: it has no codes.

/** Variants that it was not built for or never learned: nothing is wrong with the file. */
export const UNSUPPORTED =
  /unsupported|not supported|support for this|not configured|whole number of bytes|samples out of range|bad labq|channel limit/i;

/** The address space that a decoder's process is given does not suffice. */
export const OUT_OF_MEMORY = /out of memory|insufficient memory|memory allocation/i;
