declare module "plotly.js-cartesian-dist-min" {
  const Plotly: {
    react(node: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<unknown>;
    purge(node: HTMLElement): void;
    Plots: { resize(node: HTMLElement): Promise<unknown> };
  };
  export default Plotly;
}
declare module "*.css";
