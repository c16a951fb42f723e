import { startCluster } from '../../cluster/cluster.ts';

/** Starts a cluster, says where, and waits to be killed. */
const { folder, network } = await startCluster(['--no-chart']);
process.stdout.write(JSON.stringify({ folder, network }));
setInterval(() => undefined, 60_000);
