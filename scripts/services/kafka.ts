import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cache, findProgram } from '@dustpan/conformance/servers'
import { execa } from 'execa'
import { installPackages } from './debian.ts'

const version = '4.1.0'

/** Downloads the broker with its dependencies from Maven Central. */
export async function installKafka(): Promise<string> {
  const folder = join(cache, `kafka-${version}`)
  if (!findProgram('mvn') || !findProgram('java')) await installPackages('maven')
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'installing-'))
  try {
    await writeFile(join(work, 'pom.xml'), pom)
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'libs')}`, '-DincludeScope=runtime']
    await execa('mvn', ['-B', '-q', ...goal], { cwd: work, stdin: 'ignore', timeout: 300_000 })
    await rename(work, folder).catch((error) => existsSync(folder) || Promise.reject(error))
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.dustpan</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`
