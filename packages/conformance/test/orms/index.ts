import type { OrmModule } from '../../src/orms/index.ts'
import { orm as drizzle } from './drizzle.ts'
import { orm as knex } from './knex.ts'
import { orm as kysely } from './kysely.ts'
import { orm as mongoose } from './mongoose.ts'
import { orm as prisma } from './prisma.ts'
import { orm as typeorm } from './typeorm.ts'

const module = (name: string) => new URL(`./${name}.ts`, import.meta.url).href

export const ormModules: readonly OrmModule[] = [
  { module: module('drizzle'), orm: drizzle },
  { module: module('knex'), orm: knex },
  { module: module('kysely'), orm: kysely },
  { module: module('mongoose'), orm: mongoose },
  { module: module('prisma'), orm: prisma },
  { module: module('typeorm'), orm: typeorm },
]
