import { startApiServer } from '../../cluster/api-server.ts';

/** Starts an API server, says where, and waits to be killed. */
const { folder } = await startApiServer();
process.stdout.write(folder);
setInterval(() => undefined, 60_000);
