// The process that makes pictures of pictures: bytes in, bytes out.
import { type Rendered, type RenderWish, render } from '../image/render/render.ts';
import { serve } from './serve.ts';

serve<RenderWish, Rendered>(render);
