/** What a verb can find wrong with its files and surroundings, beyond what the rooms that it calls find. */
export const CODES = {
  file: 'A file or folder cannot be read or written.',
  encoding: 'The file is no UTF-8, or begins with a byte order mark.',
  'json-syntax': 'The text is no JSON.',
  'nested-too-deep': 'Objects stand in each other deeper than any manifest needs.',
  'not-a-manifest': 'The text holds no Kubernetes object.',
  'not-a-pod': 'A pod, or the template of one, has no spec with a list of containers.',
  'namespace-differs': 'The namespace on the command line is not the one that an object names.',
  'folder-too-large': 'A captured folder is larger than the volume for its copies.',
  'not-our-chart': 'A folder holds something else than a chart that this program generated.',
  'in-no-chart': 'The diversion lies beside no chart of ours whose files could be generated.',
  certificate: 'A certificate or its key is missing, or the two cannot be used together.',
  cluster: 'The API server is not named: neither by a kubeconfig nor by the pod that this runs in.',
  'no-calls': 'The pods call no address that `shunt init` could declare as an upstream.',
  'several-calls': 'The pods call several addresses, and `shunt init` declares one of them.',
  listen: 'The address cannot be listened on.',
} as const;
