// Knows how to come by a service's program: on PATH, or installed from Debian. Refuses to start it.
import { installPackages, whyNotInstallable } from './debian-packages.ts';
import { findProgram } from './program.ts';
import { ServiceUnavailableError } from './service-unavailable.ts';

export interface ServiceProgram {
  service: 'redis' | 's3';
  program: string;
  packages: string[];
  /** The environment variable that names a running service instead. */
  variable: string;
}

/** The program's path. @throws ServiceUnavailableError when it is neither here nor can be installed */
export async function obtainProgram(wanted: ServiceProgram, log: (line: string) => void): Promise<string> {
  const { service, program, packages, variable } = wanted;
  const present = findProgram(program);
  if (present !== undefined) return present;
  const obstacle = whyNotInstallable();
  if (obstacle !== undefined) {
    const reason = `${variable} is not set, ${program} is not on PATH, and ${obstacle}.`;
    throw new ServiceUnavailableError(service, reason);
  }
  try {
    await installPackages(program, packages, log);
  } catch (error) {
    throw new ServiceUnavailableError(service, error instanceof Error ? error.message : String(error));
  }
  const installed = findProgram(program);
  if (installed === undefined) {
    throw new ServiceUnavailableError(
      service,
      `${program} is missing even after ${packages.join(', ')} came.`,
    );
  }
  return installed;
}
