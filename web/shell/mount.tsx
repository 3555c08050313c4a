import { type ComponentChildren, render } from "preact";
import { type PageName, TopBar } from "./top-bar.tsx";

/** Draws a whole page into `#app`. */
export function mountPage(current: PageName, content: ComponentChildren): void {
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no #app");
  render(
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar current={current} />
      <main id="main" class="page" tabIndex={-1}>
        {content}
      </main>
    </>,
    root,
  );
}
