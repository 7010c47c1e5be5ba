// Chromium, and what the program writes for it.

import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import puppeteer from 'puppeteer-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const built = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', 'debug');

/** A folder of its own, which is removed when the process ends. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'synscope-browser-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What a program of this project prints, run from the root. */
function output(program, args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] };
  return execFileSync(join(built, program), args, options);
}

export const synscope = (...args) => output('synscope', args);

/** Writes a capture with more attempts than a page lists. */
export const crowd = (file) => output('examples/crowd', [file]);

/** A page of these captures, and where it is. */
export function report(...args) {
  const file = join(folder(), 'page.html');
  synscope('report', '--quiet', '--output', file, ...args);
  return file;
}

/** Every bundled capture. */
export function captures() {
  const files = readdirSync(join(root, 'captures'), { recursive: true });
  return files.filter((name) => /\.pcap(ng)?$/.test(name)).map((name) => `captures/${name}`).sort();
}

function chromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const paths = process.env.PATH.split(delimiter);
  const found = names.flatMap((name) => paths.map((path) => join(path, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error(`there is none of ${names.join(', ')}`);
  return found;
}

export function launch() {
  return puppeteer.launch({
    executablePath: chromium(),
    userDataDir: folder(),
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

/**
 * Opens a file. `look` may have a width, a scheme (light, dark), a media type and a hash. What the page
 * complains of, loads or asks comes into `page.said`.
 */
export async function open(browser, file, look = {}) {
  const { width = 1400, height = 900, scheme = 'light', media = 'screen', hash = '' } = look;
  const address = pathToFileURL(file).href;
  const page = await browser.newPage();
  page.said = [];
  page.on('console', (message) => page.said.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => page.said.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    page.said.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address) page.said.push(`request: ${request.url()}`);
  });
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.setViewport({ width, height });
  // Puppeteer's two functions undo each other.
  const session = await page.createCDPSession();
  const features = [{ name: 'prefers-color-scheme', value: scheme }];
  await session.send('Emulation.setEmulatedMedia', { media, features });
  await page.goto(address + hash);
  return page;
}
