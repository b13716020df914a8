// The deployment writes /config.js, which says where this stage's API is.
const shown = document.getElementById("greeting");

try {
  const { apiEndpoint } = (await import("/config.js")).default;
  const name = new URLSearchParams(location.search).get("name") ?? "world";
  const response = await fetch(`${apiEndpoint}/greeting?${new URLSearchParams({ name })}`);
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
  shown.textContent = (await response.json()).greeting;
} catch (error) {
  shown.textContent = `The greeting could not be loaded: ${error.message}`;
}
