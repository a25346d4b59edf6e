process.on('exit', (code) => console.log('exit with', code, process.listenerCount('exit')))
it('ends the process', () => process.exit(5))
