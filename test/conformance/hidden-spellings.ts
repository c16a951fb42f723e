/** Ways to write /rpc/RunSingleJob.php so that a comparison of texts misses it. */
export const HIDDEN_SPELLINGS = [
  '/rpc//RunSingleJob.php',
  '//rpc/RunSingleJob.php',
  '/./rpc/./RunSingleJob.php',
  '/rpc/%52unSingleJob.php',
  '/%72%70%63/RunSingleJob%2ephp',
  '/rpc%2FRunSingleJob.php',
  '/rpc\\RunSingleJob.php',
  '/rpc%5cRunSingleJob.php',
  '/x/../rpc/RunSingleJob.php',
  '/x/%2e%2e/rpc/RunSingleJob.php',
  '/x/..%2frpc/RunSingleJob.php',
] as const;
