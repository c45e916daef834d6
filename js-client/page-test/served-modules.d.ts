// What the bridge serves beside the page, for the type check of the page.
declare module "*/js/longspan.js" {
  export * from "longspan";
}
declare module "*/js/vendor/n3.js" {
  export const Parser: any;
}
declare module "*/js/vendor/cytoscape.js" {
  const cytoscape: any;
  export default cytoscape;
}
