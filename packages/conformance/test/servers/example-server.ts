/** A program for startProgram(): it answers with the path of its folder, which it reads from a file there. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProgram } from '../../src/servers/started-program.ts'

const source = `
  const { readFileSync } = require('node:fs')
  if (process.argv[1] === '0') throw new Error('no port is called 0')
  require('node:http').createServer((_, answer) => answer.end(readFileSync('data', 'utf8'))).listen(Number(process.argv[1]), '127.0.0.1')`

export function startExample({ broken = false, unprepared = false } = {}) {
  return startProgram({
    name: 'example',
    async prepare({ folder, port }) {
      await writeFile(join(folder, 'data'), folder)
      if (unprepared) throw new Error(`not prepared: ${folder}`)
      return { program: process.execPath, args: ['-e', source, broken ? '0' : String(port)] }
    },
    answers: async (port) => void (await folderOf(port)),
  })
}

export async function folderOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}`)).text()
}

/** Started directly, it is a test process that gets killed. */
if (import.meta.main) {
  setInterval(() => {}, 1000) // a server alone keeps no process alive
  console.log((await startExample()).port)
}
