// Serves the bucket "gdm" from a folder on a free port of loopback, and prints the port.
const S3rver = require('s3rver');

new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: process.argv[2], configureBuckets: [{ name: 'gdm' }] })
  .run()
  .then(address => console.log(address.port));
