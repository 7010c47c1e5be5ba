// Takes the picture of a page that the documents show, down to its servers: `node picture.js FILE.png`.

import { statSync } from 'node:fs';

import { launch, open, report } from './browser.js';

const [file] = process.argv.slice(2);
const width = 1100;
const captures = ['refused', 'many', 'late'].map((name) => `captures/${name}.pcapng`);
const browser = await launch();
const page = await open(browser, report(...captures), { width });
const height = await page.$eval('#servers', (heading) => heading.getBoundingClientRect().top);
await page.screenshot({ path: file, captureBeyondViewport: true, clip: { x: 0, y: 0, width, height } });
await browser.close();
console.log(`${file}: ${statSync(file).size} bytes`);
