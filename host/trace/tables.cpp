#include "trace/tables.hpp"

#include <algorithm>

namespace host::trace {

Tables::Tables(std::vector<CallTable> tables) : tables_(std::move(tables)) {
    for (const CallTable& table : tables_) {
        for (const CallRow& row : table.rows) {
            rows_[table.personality][row.number] = &row;
        }
    }
}

const CallRow* Tables::find(const std::string& personality, unsigned number) const {
    const auto table = rows_.find(personality);
    if (table == rows_.end()) {
        return nullptr;
    }
    const auto row = table->second.find(number);
    return row == table->second.end() ? nullptr : row->second;
}

bool Tables::knows(const std::string& name) const {
    return std::ranges::any_of(tables_, [&](const CallTable& table) {
        return std::ranges::contains(table.rows, name, &CallRow::name)
               || std::ranges::any_of(table.names, [&](const auto& entry) { return entry.second == name; });
    });
}

} // namespace host::trace
