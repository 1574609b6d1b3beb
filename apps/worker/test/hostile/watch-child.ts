// What the system says about a process from outside: memory, processor time, open files. Linux only.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

export const CAN_WATCH = process.platform === 'linux';

/** Forgets the peak so far. Where that is not allowed, the next peak is the one since the process began. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Nothing is lost but precision.
  }
}

/** Most memory that was resident at once, in bytes; undefined when the process has ended. */
export function peakBytes(pid: number): number | undefined {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status')) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Clock ticks of 10 ms, as `getconf CLK_TCK` has it everywhere. */
const TICK_MS = 10;

/** Time that it has spent on a processor, in milliseconds; undefined when the process has ended. */
export function processorMs(pid: number): number | undefined {
  // Behind the name, which may hold blanks: state is field 3, user time 14, system time 15 (proc(5)).
  const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? undefined : ticks * TICK_MS;
}

/** Bytes that the process asked the system to read for it, from wherever; undefined when it has ended. */
export function readBytes(pid: number): number | undefined {
  const [, bytes] = /^rchar: (\d+)$/m.exec(read(pid, 'io')) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

/** What its descriptors stand for, sorted: pipe:[…], socket:[…], paths. */
export function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder)
    .map((name) => readlinkSync(`${folder}/${name}`))
    .sort();
}

/** Files that are mapped into its memory. */
export function mappedFiles(pid: number): string[] {
  const paths = read(pid, 'maps').match(/ \/.*$/gm) ?? [];
  return [...new Set(paths.map((path) => path.trim()))].sort();
}

/** Looks every few milliseconds, for the peak of a process that may end meanwhile. `stop` answers it, in bytes. */
export function watchPeak(pid: number): { stop: () => number } {
  let peak = 0;
  const look = () => {
    peak = peakBytes(pid) ?? peak;
  };
  forgetPeak(pid);
  const timer = setInterval(look, 5).unref();
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
