/** Signs the page in with the form of the page. Resolves with the user. */
export async function signedIn(form) {
  const { user } = await (await fetch("/login")).json();
  if (user !== undefined) return user;
  form.hidden = false;
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      const { ok } = await fetch("/login", { method: "POST", body });
      form.querySelector("output").textContent = ok ? "" : "Wrong name or password";
      if (!ok) return;
      form.hidden = true;
      resolve(body.get("user"));
    };
  });
}
