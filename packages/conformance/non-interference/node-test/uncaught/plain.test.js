console.log('a file without any test of node:test')
