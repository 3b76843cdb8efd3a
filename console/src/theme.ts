import { createTheme, type MantineColorsTuple } from "@mantine/core";

const mint: MantineColorsTuple = [
  "#e8faf3",
  "#d0f4e5",
  "#a3e8cb",
  "#74dab0",
  "#4ccb98",
  "#2fb884",
  "#1c9d6e",
  "#12825a",
  "#0b6a49",
  "#06543a",
];

export const theme = createTheme({
  primaryColor: "mint",
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  colors: { mint },
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: "650" },
  respectReducedMotion: true,
});
