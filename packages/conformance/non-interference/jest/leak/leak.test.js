import { createServer } from 'node:http'

test('leaves a server and a timer open', async () => {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  setInterval(() => {}, 1000)
})
