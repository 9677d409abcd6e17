/** Light, dark, or what the system says. */
import { useEffect, useState } from "react";

const NEXT = { system: "light", light: "dark", dark: "system" } as const;
type Theme = keyof typeof NEXT;

const kept = (): Theme => {
  const found = window.localStorage.getItem("theme");
  return found === "light" || found === "dark" ? found : "system";
};

export function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(kept);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    window.localStorage.setItem("theme", theme);
  }, [theme]);
  return (
    <button type="button" className="quiet" onClick={() => setTheme(NEXT[theme])}>
      Theme: {theme}
    </button>
  );
}
