// Formats whose container says how the picture is turned: EXIF must not turn it again (ISO/IEC 23008-12, 6.5.10; ISO/IEC 18181-1, annex A).
import type { ImageFormat } from '@tintype/core/contract';

export const TURNED_BY_CONTAINER: ReadonlySet<ImageFormat> = new Set(['avif', 'heic', 'jxl']);
