import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Everything is served by the gateway's admin listener below /console/, under a policy that allows scripts and styles
// from there only: nothing may be inlined as a data: URL, and no inline script may be made.
export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    outDir: "dist/site",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    rollupOptions: {
      output: {
        // What changes rarely apart from what changes often, and nothing in many small files.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui|react-remove-scroll|clsx)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/v1": process.env.MINTGATE_ADMIN_URL ?? "http://127.0.0.1:8081" } },
});
