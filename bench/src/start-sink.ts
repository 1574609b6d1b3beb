// The run's handle on the sink's process and its folder.
import { startScript } from './child.ts';
import { makeFolder } from './workspace.ts';

export interface Sink {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startSink(workspace: string): Promise<Sink> {
  const folder = await makeFolder(workspace, 'sink');
  const child = startScript('sink', [folder.path]);
  const { port } = await child.next<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}/`,
    pid: child.pid,
    stop: async () => {
      await child.stop();
      await folder.remove();
    },
  };
}
