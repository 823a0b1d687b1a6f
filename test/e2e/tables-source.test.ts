import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../electron-double/launch.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
import { openDialog } from '../support/open-dialog.ts';
import {
  callOf,
  consoleOf,
  launchProduct,
  noWindow,
  picturesFolder,
  windowKind,
} from '../support/product-window.ts';
import { builtProduct } from '../support/renderer-fixture/build.ts';

/*
 * Tables of a MariaDB as a source, through the window: a connection is chosen in the place of an address and lent, a schema and
 * tables are chosen, and land in the project's PostgreSQL.
 */

const shots = picturesFolder('tables-source');
/** Searched for in everything that the page shows or prints. */
const canary = `canary-${'lent'}-90b1d3e7`;

describe.skipIf(noWindow !== undefined || noMariadb !== null)(
  `tables of a database through the window (${noMariadb ?? windowKind})`,
  () => {
    let db: TestDatabase;
    let from: Mariadb;
    let app: ElectronApplication;
    let page: Page;
    const data = temporaryFolder('e2e-tables');
    const printed: string[] = [];

    beforeAll(async () => {
      await builtProduct();
      [db, from] = await Promise.all([createDatabase(), startMariadb()]);
      await from.sql(`CREATE DATABASE clinic CHARACTER SET utf8mb4; CREATE DATABASE billing; USE clinic;
        CREATE USER reader@'%' IDENTIFIED BY '${canary}'; GRANT SELECT ON clinic.* TO reader@'%'; GRANT SELECT ON billing.* TO reader@'%';
        CREATE TABLE billing.invoices (id INT PRIMARY KEY);
        CREATE TABLE clinic.sites (id INT PRIMARY KEY, name VARCHAR(80) COMMENT 'As on the signboard') COMMENT 'Where people are seen';
        INSERT INTO clinic.sites SELECT seq, CONCAT('Site ', seq) FROM seq_1_to_25;
        CREATE TABLE clinic.visits (id INT PRIMARY KEY, site INT, seen DATETIME, paid DECIMAL(8,2), note TEXT);
        INSERT INTO clinic.visits SELECT seq, 1 + seq % 25, '2026-01-02 03:04:05' + INTERVAL seq MINUTE, seq / 4, CONCAT('note ', seq) FROM seq_1_to_3000;
        CREATE TABLE clinic.audit_trail (id INT PRIMARY KEY)`);
      app = await launchProduct(data.path);
      page = await consoleOf(app);
      page.on('console', (message) => printed.push(message.text()));
      const { host, port, user, password } = db.postgres;
      const made = await callOf<{ id: string }>(page, 'connections.create', {
        ...{ name: 'Warehouse', host, port, database: db.database, tlsMode: 'disable', user, password },
      });
      await callOf(page, 'connections.create', {
        ...{
          engine: 'mysql',
          name: 'Clinic records',
          host: '127.0.0.1',
          port: from.port,
          database: 'clinic',
        },
        ...{ tlsMode: 'disable', user: 'reader', password: canary },
      });
      await callOf(page, 'projects.create', { name: 'Outreach', connectionId: made.id });
    }, 180_000);
    afterAll(async () => {
      await app?.close();
      await from?.[Symbol.asyncDispose]();
      await db?.[Symbol.asyncDispose]();
      data.remove();
    });

    const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(shots, `${name}.png`) });
    const open = (name: string): Promise<void> =>
      page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).first().click();

    it('is set up in the panel: a connection, a schema, tables, and the first sync runs', {
      timeout: 180_000,
    }, async () => {
      await page
        .getByRole('navigation', { name: 'Main' })
        .getByRole('link', { name: /^Outreach/ })
        .click();
      await page.getByRole('button', { name: 'Add source' }).first().click();
      const panel = openDialog(page);
      await panel.getByLabel('Kind of source').selectOption({ label: 'Tables of a database' });
      const choice = panel.getByLabel('Connection');
      const clinic = choice.locator('option', { hasText: 'Clinic records' });
      await clinic.waitFor({ state: 'attached' });
      await choice.selectOption((await clinic.getAttribute('value')) ?? '');
      expect(await panel.getByLabel('Address', { exact: true }).count()).toBe(0);
      await panel.getByText('as its own user').waitFor();
      await shot('1-connection');
      await panel.getByRole('button', { name: 'Read over the connection' }).click();
      await panel.getByRole('radio', { name: 'clinic' }).check();
      await shot('2-schema');
      await panel.getByRole('button', { name: 'Read this' }).click();
      await panel.getByRole('checkbox', { name: 'visits' }).check();
      await panel.getByRole('checkbox', { name: 'sites' }).check();
      expect(await panel.getByRole('checkbox', { name: 'audit_trail' }).isChecked()).toBe(false);
      await shot('3-tables');
      await panel.getByRole('button', { name: 'Start first sync' }).click();
      await open('Runs');
      await page
        .getByRole('row', { name: /Completed/ })
        .first()
        .waitFor({ timeout: 60_000 });
      await page
        .getByRole('navigation', { name: 'Main' })
        .getByRole('link', { name: /^Outreach/ })
        .click();
      await page.getByText('Up to date').first().waitFor();
      await shot('4-project');
      const [schema] = await db.query(
        `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'data\\_%\\_database\\_tables'`,
      );
      const tables = await columnsOf(db, schema?.['name'] ?? '');
      expect([...tables.keys()].sort()).toEqual(['sites', 'visits']);
      expect(Object.fromEntries(tables.get('visits') ?? [])).toEqual({
        ...{ row_key: 'text', id: 'bigint', site: 'bigint', note: 'text', paid: 'numeric' },
        seen: 'timestamp without time zone',
      });
      const [rows] = await db.query(
        `SELECT count(*) AS n, sum(paid) AS paid FROM "${schema?.['name']}".visits`,
      );
      expect(rows).toEqual({ n: '3000', paid: '1125375.00' });
    });

    it('stands among the sources with its connection, which is not deleted under it', async () => {
      await open('Sources');
      await page.getByRole('heading', { name: /^Tables of a database at Clinic records/ }).waitFor();
      await shot('5-sources');
      await page.setViewportSize({ width: 900, height: 820 });
      await shot('6-narrow');
      await page.setViewportSize({ width: 1280, height: 820 });
      await open('Data');
      await page
        .getByRole('navigation', { name: 'Tables' })
        .getByRole('link', { name: /^visits/i })
        .first()
        .click();
      await page.getByRole('grid').first().waitFor();
      await shot('7-rows');
    });

    it('has shown and printed the password nowhere', async () => {
      expect(printed.join('\n')).not.toContain(canary);
      expect(await page.content()).not.toContain(canary);
    });
  },
);
