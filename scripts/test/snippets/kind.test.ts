import { expect, test } from 'vitest'
import { readBlocks } from '../../snippets/block.ts'
import { kindOf } from '../../snippets/kind.ts'

test.for([
  ['ts', 'module'],
  ['js', 'module'],
  ['ts test', 'test'],
  ['ts title="test/users.test.ts"', 'test'],
  ['ts title="dustpan.config.ts"', 'config'],
  ['yaml file=dustpan.config.yaml', 'config'],
  ['yaml', undefined],
  ['sh', 'shell'],
  ['sql sqlite', 'sql'],
  ['text', undefined],
] as const)('a block with the info string "%s" has the kind %s', ([info, kind]) => {
  expect(readBlocks('a.md', `\`\`\`${info}\n\`\`\`\n`).map(kindOf)).toEqual([kind])
})
