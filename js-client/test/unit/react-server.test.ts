// @vitest-environment node
import { createElement, Suspense, type ReactNode } from "react";
import { renderToReadableStream } from "react-dom/server";
import { expect, it } from "vitest";
import { LongspanClient } from "../../src/index.js";
import {
  LongspanProvider,
  useAnswer,
  usePresence,
  useRequest,
  useStatus,
  useTopic,
} from "../../src/react.js";

// A server that renders a page creates the client, and never connects it.

async function render(child: () => ReactNode): Promise<[string, string[]]> {
  const client = new LongspanClient({ keepSession: true });
  const errors: string[] = [];
  const children = createElement(child);
  const stream = await renderToReadableStream(
    createElement(LongspanProvider, { client, children }),
    { onError: (error) => void errors.push((error as Error & { digest?: string }).digest ?? "") },
  );
  const html = await new Response(stream).text();
  expect(client.status).toBe("disconnected");
  return [html, errors];
}

it("renders what is known before the page is connected", async () => {
  const [html, errors] = await render(() =>
    JSON.stringify([
      useStatus(),
      useTopic("news").active,
      useRequest("services/echo", "hello").pending,
      usePresence("team").users,
    ]).replaceAll('"', ""),
  );
  expect(html).toBe("[disconnected,false,true,[]]");
  expect(errors).toEqual([]);
});

it("renders the fallback of what waits for an answer", async () => {
  const Waiting = () => useAnswer("services/echo", "hello").text();
  const [html, errors] = await render(() =>
    createElement(Suspense, { fallback: "waiting" }, createElement(Waiting)),
  );
  expect(html).toContain("waiting");
  expect(errors).toEqual(["BAILOUT_TO_CLIENT_SIDE_RENDERING"]);
});

it("says at connect what is missing", async () => {
  await expect(new LongspanClient().connect()).rejects.toThrow(/^url: required outside a page/);
});
