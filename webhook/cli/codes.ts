/** What a verb can find wrong with its files and surroundings, beyond what the rooms that it calls find. */
export const CODES = {
  file: 'A file or folder cannot be read or written.',
  encoding: 'The file is not valid UTF-8, or begins with a byte order mark.',
  'json-syntax': 'The text is not valid JSON.',
  'nested-too-deep': 'Objects are nested too deep.',
  'not-a-manifest': 'The text has no Kubernetes object.',
  'not-a-pod': 'A pod, or the template of one, has no spec with a list of containers.',
  'namespace-differs': 'The namespace on the command line is not the one that an object names.',
  'folder-too-large': 'A captured folder is larger than the volume for its copies.',
  'not-our-chart': 'A folder has other files than a chart that this program generated.',
  'in-no-chart': 'The diversion is not in a chart of this program, so no files can be generated beside it.',
  certificate: 'A certificate or its key is missing, or the two cannot be used together.',
  cluster: 'No API server is known: there is no kubeconfig, and this does not run in a pod.',
  'no-calls': 'The pods call no address that `shunt init` could declare as an upstream.',
  'several-calls': 'The pods call several addresses, and `shunt init` declares one of them.',
  listen: 'The program cannot listen on the address.',
} as const;
