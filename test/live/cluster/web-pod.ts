const IMAGE = 'docker-registry.discovery.wmnet/pretrain-shunt:0.1.0';
const PORT = 8080;

const SIDE = `
const { readFileSync } = require('node:fs');
process.on('SIGTERM', () => process.exit());
require('node:http').createServer((_, answer) => answer.end(readFileSync('/config/value')))
  .listen(${PORT}, () => console.log('listening'));
`;

const MAIN = `
process.on('SIGTERM', () => process.exit());
fetch('http://127.0.0.1:${PORT}').then((answer) => answer.text()).then((text) => console.log('the sidecar said', text));
setInterval(() => undefined, 60_000);
`;

/** A pod whose sidecar serves the value of the ConfigMap `web`. */
export function webPod(): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      initContainers: [
        {
          name: 'side',
          image: IMAGE,
          restartPolicy: 'Always',
          command: ['node', '-e', SIDE],
          startupProbe: { httpGet: { port: PORT, path: '/' }, periodSeconds: 1 },
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
        },
      ],
      containers: [{ name: 'main', image: IMAGE, command: ['node', '-e', MAIN] }],
      volumes: [{ name: 'config', configMap: { name: 'web' } }],
    },
  };
}

export function webService(): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web-service' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: PORT }] },
  };
}

/** A pod that asks the program for a decision, and fulfils the profile `restricted`. */
export function explainPod(): unknown {
  const question = ['--edge=sidecar', '--upstream=mw-jobrunner', '--host=test.wikipedia.org'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'explain' },
    spec: {
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'explain',
          image: IMAGE,
          args: ['explain', ...question, '--method=POST', '--path=/rpc/RunSingleJob.php'],
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}
