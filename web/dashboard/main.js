// @ts-check
/** Where the page begins. */
import { h, render } from "./vendor/preact/preact.js";
import { Page } from "./page.js";

const root = document.getElementById("page");
if (root) render(h(Page, null), root);
