/** Latents of a sparse autoencoder: what makes them active, token by token, and what they promote. */
import type { LatentCardView, LatentsView } from "../../src/dashboard/contract.ts";
import { useJson } from "./api.ts";
import { Facts } from "./facts.tsx";
import { setParams, type Route } from "./route.ts";
import { TypedField } from "./typed-field.tsx";
import { count, counted } from "./words.ts";

const SIZE = 20;

export function LatentsTab({ run, route }: { readonly run: string; readonly route: Route }) {
  const { params } = route;
  const offset = Math.max(0, Number(params.get("offset") ?? 0) || 0);
  const query = new URLSearchParams({
    run,
    words: params.get("words") ?? "",
    label: params.get("label") ?? "",
    offset: String(offset),
  });
  const { data, error } = useJson<LatentsView>(`/api/latents?${query.toString()}`);
  if (error !== undefined) return <p className="problem">{error}</p>;
  if (data === undefined) return <p className="empty">Reading …</p>;
  const go = (to: number): void => setParams(route, { offset: to === 0 ? undefined : String(to) }, true);
  return (
    <div className="result">
      <div className="filters" role="search" aria-label="Latents">
        <TypedField
          label="Find"
          type="search"
          value={params.get("words") ?? ""}
          onValue={(words) => setParams(route, { words, offset: undefined })}
        />
        <label>
          Best at telling{" "}
          <select
            value={params.get("label") ?? ""}
            onChange={({ target }) => setParams(route, { label: target.value, offset: undefined })}
          >
            <option value="">any</option>
            {data.labels.map((label) => (
              <option key={label}>{label}</option>
            ))}
          </select>
        </label>
        <span role="status">{counted(data.latents, "latent")}</span>
        <button type="button" disabled={offset === 0} onClick={() => go(Math.max(0, offset - SIZE))}>
          Previous
        </button>
        <button type="button" disabled={offset + SIZE >= data.latents} onClick={() => go(offset + SIZE)}>
          Next
        </button>
      </div>
      <p className="small">
        The stronger a token's colour, the more active the latent is on it, up to its peak. AUROC: how well the latent
        tells texts of a label from all others; 0.5 is chance, 1 and 0 are certain.
      </p>
      <ul className="findings">
        {data.cards.map((card) => (
          <Latent key={card.latent} card={card} label={params.get("label") ?? ""} />
        ))}
      </ul>
      <Facts facts={data.facts} />
    </div>
  );
}

/** Distance from chance at which an AUROC stands out. */
const TELLING = 0.35;

interface LatentProps {
  readonly card: LatentCardView;
  /** Told first. */
  readonly label: string;
}

function Latent({ card: { latent, frequency, promotes, aurocs, texts }, label: chosen }: LatentProps) {
  const farFromChance = ([name, auroc]: readonly [string, number]): number =>
    name === chosen ? 1 : Math.abs(auroc - 0.5);
  return (
    <li>
      <h2>Latent {count(latent)}</h2>
      <p className="facts">
        <span>active on {(frequency * 100).toPrecision(2)} % of tokens</span>
        {aurocs
          .toSorted((a, b) => farFromChance(b) - farFromChance(a))
          .map(([label, auroc]) => (
            <span key={label} className={Math.abs(auroc - 0.5) >= TELLING ? "telling" : undefined}>
              {label}: AUROC {auroc.toFixed(3)}
            </span>
          ))}
      </p>
      <p>
        Promotes:{" "}
        {promotes.map(([token, by]) => (
          <code key={token} className="token" title={by.toFixed(3)}>
            {token.replaceAll("\n", "⏎")}
          </code>
        ))}
      </p>
      {texts.map(({ label, peak, tokens }, i) => (
        <p key={`${i} ${label}`} className="tokens">
          {tokens.map(([token, strength], j) => (
            <span
              key={`${j} ${token}`}
              title={(strength * peak).toFixed(2)}
              style={{ "--strength": `${Math.round(strength * 60)}%` } as React.CSSProperties}
            >
              {token}
            </span>
          ))}{" "}
          <small>
            {label}, peak {peak.toFixed(2)}
          </small>
        </p>
      ))}
    </li>
  );
}
