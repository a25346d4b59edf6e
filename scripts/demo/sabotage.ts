import { DatabaseSync } from 'node:sqlite'

/** From now on the shop's database refuses to delete a product, so the shop answers 500. */
export function refuseToDeleteProducts(database: string): void {
  using db = new DatabaseSync(database, { timeout: 5000 })
  db.exec(`CREATE TRIGGER refuse BEFORE DELETE ON products BEGIN SELECT RAISE(ABORT, 'products stay'); END`)
}
